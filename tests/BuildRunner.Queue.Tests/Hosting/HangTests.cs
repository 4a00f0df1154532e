using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

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
        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Retry);
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

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Retry);
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
        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.HandBack);
    }

    [Fact]
    public async Task What_a_claim_gives_that_took_longer_than_the_lease_is_handed_back_and_handled_once()
    {
        await using var host = await TestHost.StartAsync(static options => options.LeaseDuration = TimeSpan.FromSeconds(30));
        var gate = await HangAsync(host);
        await host.PublishAsync("a");
        host.Time.Advance(TimeSpan.FromSeconds(45));

        host.Engine.Gate = null;
        gate.SetResult();
        var call = await host.NextCallAsync();
        call.Answer.SetResult(Outcome.Done);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.HandBack);
        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse("its handler was started once");
    }

    [Fact]
    public async Task A_handler_is_not_started_where_the_lease_has_expired_before_its_claim_was_answered()
    {
        await using var host = await TestHost.StartAsync(static options => options.LeaseDuration = TimeSpan.FromSeconds(30));
        var isLate = false;
        host.Engine.Change = result =>
        {
            if (result.Claims.Count > 0 && !isLate)
            {
                isLate = true;
                host.Time.Advance(TimeSpan.FromSeconds(45));
            }

            return result;
        };
        await host.PublishAsync("a");

        var call = await host.NextCallAsync();
        call.Answer.SetResult(Outcome.Done);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
        call.Delivery.Deliveries.Should().Be(2, "the first was never handled");
        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse("its handler was started once");
    }

    [Fact]
    public async Task A_lease_counts_from_when_the_engine_says_that_it_began()
    {
        await using var host = await TestHost.StartAsync(static options => options.LeaseDuration = TimeSpan.FromSeconds(30));
        host.Engine.Change = static result => result with { Waited = TimeSpan.FromSeconds(45) };
        var gate = await HangAsync(host);
        await host.PublishAsync("a");
        host.Time.Advance(TimeSpan.FromSeconds(45));

        host.Engine.Gate = null;
        gate.SetResult();
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);

        (await host.NextSettledAsync()).Resolution.Should().Be(Outcome.Done);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_stop_and_a_disposal_end_where_the_engine_does_not_even_heed_its_token()
    {
        var engine = Substitute.For<IQueueEngine>();
        TaskCompletionSource asked = new();
        engine.RunRoundAsync(default!, default).ReturnsForAnyArgs(_ =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource<QueueRoundResult>().Task;
        });
        FakeTimeProvider time = new();
        RecordingLogger log = new();
        ServiceCollection services = new();
        services.AddLogging(builder => builder.AddProvider(log)).AddSingleton<TimeProvider>(time).AddSingleton(new TestHandler.Script(time, static () => { }));
        services.AddQueue().UseEngine(_ => engine).AddConsumer<TestHandler>(TestHost.Topic);
        await using var provider = services.BuildServiceProvider();
        var hosted = provider.GetServices<IHostedService>().Single();
        await hosted.StartAsync(CancellationToken.None);
        await asked.Task;

        var stop = hosted.StopAsync(new CancellationToken(canceled: true));
        while (!stop.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await stop;
        await ((IAsyncDisposable)hosted).DisposeAsync().AsTask().WaitAsync(TestContext.Current.CancellationToken);
        log.Entries.Should().ContainSingle(static entry => entry.Level == LogLevel.Warning).And.NotContain(static entry => entry.Level > LogLevel.Warning);
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
