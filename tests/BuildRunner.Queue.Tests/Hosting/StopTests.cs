using BuildRunner.Queue.Hosting;

namespace BuildRunner.Queue.Tests.Hosting;

public sealed class StopTests
{
    [Fact]
    public async Task A_handler_that_finishes_when_it_is_told_is_settled_by_its_outcome()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        await using var registration = call.Token.Register(() => call.Answer.SetResult(Outcome.Done));

        await host.StopAsync();

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
    }

    [Fact]
    public async Task A_handler_that_is_cut_off_is_handed_back_uncounted()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        await using var registration = call.Token.Register(() => call.Answer.SetException(new OperationCanceledException()));

        await host.StopAsync();

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.HandBack);
        var claim = await new Consumer(host.Engine).ClaimOneAsync();
        claim.Delivery.Attempt.Should().Be(1);
        claim.Delivery.Redelivered.Should().BeTrue();
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_does_not_hang_the_stop()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        await host.NextCallAsync();

        await host.StopAsync();

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.HandBack);
    }

    [Fact]
    public async Task A_stop_that_cannot_reach_the_queue_ends()
    {
        await using var host = await TestHost.StartAsync();
        await host.PublishAsync("a");
        await host.NextCallAsync();
        host.Engine.Failure = new TimeoutException();

        await host.StopAsync(isHurried: true);
    }

    [Fact]
    public async Task What_was_not_started_is_handed_back()
    {
        await using var host = await TestHost.StartAsync(static options => options.Concurrency = 1);
        var claimed = 0;
        List<DateTimeOffset> settledAt = [];
        host.Engine.Change = result =>
        {
            claimed += result.Claims.Count;
            settledAt.AddRange(Enumerable.Repeat(host.Time.GetUtcNow(), result.Settlements.Count));
            return result;
        };
        for (var i = 0; i < 5; i++)
        {
            await host.PublishAsync($"{i}", $"{i}");
        }

        var call = await host.NextCallAsync();
        call.Answer.SetResult(Outcome.Done);
        await host.NextSettledAsync();
        await host.NextCallAsync();
        await host.UntilAsync(() => claimed == 3);
        var stoppedAt = host.Time.GetUtcNow();

        await host.StopAsync();

        // One was done; one waited for the slot, and one was in it until nobody waited for its handler any longer.
        settledAt.Should().Equal(stoppedAt, stoppedAt, stoppedAt + LeasedDeliveries.Patience);
        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse("what waited was not to be started");
        (await new Consumer(host.Engine).ClaimAsync()).Should().HaveCount(4);
    }

    [Fact]
    public async Task After_the_stop_nothing_is_claimed()
    {
        await using var host = await TestHost.StartAsync();
        await host.StopAsync();
        await host.PublishAsync("a");

        (await new Consumer(host.Engine).ClaimIdsAsync()).Should().Equal("a");
        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse();
    }
}
