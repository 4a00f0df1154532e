namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Rule Q9: the clock of the queue decides, never that of a host.</summary>
public sealed class ClockTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Hosts_whose_clocks_are_an_hour_apart_deliver_on_time()
    {
        await using var host = await TestHost.StartAsync(static options => options.Concurrency = 1);
        await using var ahead = await host.StartAnotherAsync(TimeSpan.FromHours(1), static options => options.Concurrency = 1);
        var began = host.Time.GetUtcNow();
        await host.PublishAsync("a", "p", Minute);
        await ahead.PublishAsync("b", "q", Minute);

        // Each host handles one at a time, so that each has one of them.
        TestHandler.Call[] calls = [await host.NextCallAsync(), await host.NextCallAsync()];
        var delivered = host.Time.GetUtcNow();
        foreach (var call in calls)
        {
            call.Answer.SetResult(Outcome.Postpone(Minute));
        }

        TestHandler.Call[] again = [await host.NextCallAsync(), await host.NextCallAsync()];

        delivered.Should().Be(began + Minute);
        host.Time.GetUtcNow().Should().Be(delivered + Minute);
        calls.Concat(again).Select(static call => call.Delivery.Message.Id).Should().BeEquivalentTo("a", "b", "a", "b");
        again.Should().OnlyContain(static call => !call.Delivery.Redelivered);
    }

    [Fact]
    public async Task Leases_hold_between_hosts_whose_clocks_are_an_hour_apart()
    {
        await using var host = await TestHost.StartAsync();
        await using var ahead = await host.StartAnotherAsync(TimeSpan.FromHours(1));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        var until = host.Time.GetUtcNow() + (4 * Minute);

        await host.UntilAsync(() => host.Time.GetUtcNow() >= until);
        call.Answer.SetResult(Outcome.Done);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse();
    }
}
