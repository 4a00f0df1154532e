namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A queue that does not answer: what has nothing to do with it goes on.</summary>
public sealed class HangTests
{
    [Fact]
    public async Task A_handler_that_takes_too_long_is_told_in_time()
    {
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromSeconds(20));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        var started = host.Time.GetUtcNow();
        var gate = await HangAsync(host);

        await host.UntilAsync(() => call.Token.IsCancellationRequested);

        host.Time.GetUtcNow().Should().Be(started + TimeSpan.FromSeconds(20));
        host.Engine.IsHanging.Should().BeTrue();
        call.Answer.SetCanceled(call.Token);
        gate.SetResult();
        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(ResolutionKind.Retry);
    }

    [Fact]
    public async Task A_handler_that_ignores_its_token_is_not_waited_for()
    {
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.LeaseDuration = TimeSpan.FromMinutes(10);
            options.HandlerTimeout = TimeSpan.FromSeconds(20);
        });
        await host.PublishAsync("a");
        await host.NextCallAsync();
        var ended = host.Time.GetUtcNow() + TimeSpan.FromMinutes(1);
        var gate = await HangAsync(host);

        await host.UntilAsync(() => host.Time.GetUtcNow() >= ended);
        gate.SetResult();

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(ResolutionKind.Retry);
    }

    [Fact]
    public async Task A_handler_is_told_when_its_lease_ends()
    {
        await using var host = await TestHost.StartAsync(static options => options.LeaseDuration = TimeSpan.FromSeconds(30));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        var started = host.Time.GetUtcNow();
        var gate = await HangAsync(host);

        await host.UntilAsync(() => call.Token.IsCancellationRequested);

        host.Time.GetUtcNow().Should().Be(started + TimeSpan.FromSeconds(30));
        host.Engine.IsHanging.Should().BeTrue();
        call.Answer.SetCanceled(call.Token);
        gate.SetResult();
    }

    [Fact]
    public async Task A_stop_tells_those_that_run_and_starts_none_of_those_that_wait()
    {
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.Concurrency = 2;
            options.HandlerTimeout = TimeSpan.FromHours(1);
        });
        var claimed = 0;
        host.Engine.Change = result =>
        {
            claimed += result.Claims.Count;
            return result;
        };
        await host.PublishAsync("slow", "slow");
        var slow = await host.NextCallAsync();
        var later = host.Time.GetUtcNow() + TimeSpan.FromSeconds(5);
        await host.UntilAsync(() => host.Time.GetUtcNow() >= later);

        // The first is fast, so that one more is claimed than can be started; the renewal of the slow one finds it waiting.
        for (var i = 0; i < 3; i++)
        {
            await host.PublishAsync($"{i}", $"{i}");
        }

        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);
        var second = await host.NextCallAsync();
        await host.UntilAsync(() => claimed == 4);
        var gate = await HangAsync(host);

        var stop = host.Hosted.StopAsync(CancellationToken.None);
        await host.UntilAsync(() => slow.Token.IsCancellationRequested && second.Token.IsCancellationRequested);
        host.Engine.IsHanging.Should().BeTrue();
        slow.Answer.SetResult(Outcome.Done);
        second.Answer.SetResult(Outcome.Done);
        host.Engine.Gate = null;
        gate.SetResult();
        await host.UntilAsync(stop);

        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse();
        (await new Consumer(host.Engine).ClaimAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task What_is_claimed_after_the_stop_is_handed_back_and_not_started()
    {
        await using var host = await TestHost.StartAsync();
        var gate = await HangAsync(host);
        await host.PublishAsync("a");

        var stop = host.Hosted.StopAsync(CancellationToken.None);
        host.Engine.Gate = null;
        gate.SetResult();
        await host.UntilAsync(stop);

        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse();
        (await host.NextSettledAsync()).Resolution.Should().Be(Resolution.HandBack);
    }

    /// <summary>Waits until the queue is asked something that it does not answer.</summary>
    private static async Task<TaskCompletionSource> HangAsync(TestHost host)
    {
        // Goes on where it is set, so that time stands still until the answer was taken.
        TaskCompletionSource gate = new();
        host.Engine.Gate = gate.Task;
        await host.UntilAsync(() => host.Engine.IsHanging);
        return gate;
    }
}
