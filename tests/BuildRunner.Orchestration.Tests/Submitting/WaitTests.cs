using BuildRunner.Orchestration.Tests.Invariants;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Submitting;

/// <summary>Waiting for the end of one build.</summary>
public sealed class WaitTests : InvariantSuite<InMemoryBackend>
{
    private BuildWaitOptions Options => new() { TimeProvider = Backend.Time, Timeout = TimeSpan.FromHours(1) };

    [Fact]
    public async Task An_end_that_this_process_saves_is_seen_at_once()
    {
        var (process, build) = await StartRunningAsync();
        var waiting = process.Orchestrator.WaitForCompletionAsync(build.Id, Options, CancellationToken.None);
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        await SignalAsync(process, build);
        var early = waiting.IsCompleted;
        await process.DrainAsync();

        early.Should().BeFalse();
        (await waiting.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_end_that_another_process_saves_is_seen_by_reading_now_and_then()
    {
        var (process, build) = await StartRunningAsync();
        var other = await StartAsync(static (_, _) => { });
        var reads = 0;
        other.Hook.OnCallAsync = call =>
        {
            reads += call == new StageCall("store.read", IsDone: false) ? 1 : 0;
            return Task.CompletedTask;
        };
        var waiting = other.Orchestrator.WaitForCompletionAsync(build.Id, Options, CancellationToken.None);
        for (var second = 0; second < 60; second++)
        {
            await Backend.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var early = waiting.IsCompleted;
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Failed);
        await RunForAsync(process, TimeSpan.FromSeconds(10));

        early.Should().BeFalse();
        (await waiting.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None)).Status.Should().Be(BuildStatus.Failed);
        reads.Should().BeLessThan(20);
    }

    [Fact]
    public async Task A_build_that_has_ended_is_not_waited_for()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromSeconds(1)));
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        var ended = await process.Orchestrator.WaitForCompletionAsync(build.Id, Options, CancellationToken.None);

        ended.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_build_that_is_not_there_is_an_error()
    {
        var process = await StartAsync();

        var wait = () => process.Orchestrator.WaitForCompletionAsync(Guid.NewGuid(), Options, CancellationToken.None);

        await wait.Should().ThrowAsync<KeyNotFoundException>();
    }

    [Fact]
    public async Task A_wait_ends_with_its_token_and_the_build_goes_on()
    {
        var (process, build) = await StartRunningAsync();
        using CancellationTokenSource stop = new();
        var waiting = process.Orchestrator.WaitForCompletionAsync(build.Id, Options, stop.Token);

        await stop.CancelAsync();

        var end = await waiting.Awaiting(static it => it).Should().ThrowAsync<OperationCanceledException>();
        end.Which.CancellationToken.Should().Be(stop.Token);
        (await GetAsync(process, build)).CancelCause.Should().Be(BuildCancelCause.None);
    }

    [Fact]
    public async Task A_wait_ends_when_its_time_is_over()
    {
        var (process, build) = await StartRunningAsync();
        var waiting = process.Orchestrator.WaitForCompletionAsync(build.Id, Options, CancellationToken.None);

        await Backend.AdvanceAsync(TimeSpan.FromHours(1));

        await waiting.Awaiting(static it => it).Should().ThrowAsync<TimeoutException>();
    }

    [Fact]
    public async Task A_wait_that_is_over_leaves_no_timer()
    {
        TimerCount clock = new();
        var (process, build) = await StartRunningAsync();
        var waiting = process.Orchestrator.WaitForCompletionAsync(build.Id, Options with { TimeProvider = clock }, CancellationToken.None);
        var during = clock.Running;
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);
        await SignalAsync(process, build);
        await process.DrainAsync();

        await waiting.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);

        during.Should().BeGreaterThan(0);
        clock.Running.Should().Be(0);
    }

    /// <summary>A clock that counts the timers that nobody has disposed of.</summary>
    private sealed class TimerCount : FakeTimeProvider
    {
        private int _running;

        public int Running => Volatile.Read(ref _running);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Increment(ref _running);
            return new Timer(base.CreateTimer(callback, state, dueTime, period), () => Interlocked.Decrement(ref _running));
        }

        private sealed class Timer(ITimer inner, Action ended) : ITimer
        {
            private int _isDisposed;

            public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

            public void Dispose()
            {
                inner.Dispose();
                if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
                {
                    ended();
                }
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
