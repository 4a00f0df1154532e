using BuildRunner.Orchestration.Tests.Handling;
using BuildRunner.Orchestration.Tests.Invariants;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Runners;

/// <summary>What one build learns of the runner, all others know.</summary>
public sealed class RunnerGateTests : InvariantSuite<InMemoryBackend>
{
    private const int Builds = 100;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly RecordedLog _log = new();
    private readonly Dictionary<string, int> _calls = [];
    private Func<BuildId, Exception?> _statusFault = static _ => null;

    [Fact]
    public async Task A_limit_that_one_poll_met_holds_back_the_polls_of_all_builds()
    {
        var process = await StartRunningAsync();
        var limit = Runner.EveryStatus(FakeFailure.RateLimited(RetryAfter));
        _calls.Clear();

        await RunForAsync(process, TimeSpan.FromSeconds(30));

        CallsOf("runner.status").Should().BeInRange(3, 5);
        var held = await ListAsync(process);
        held.Count(static build => build.Bookkeeping.ErrorsInARow > 0).Should().BeLessThanOrEqualTo(5, "a build that waits has not failed");
        limit.Dispose();
        await RunForAsync(process, TimeSpan.FromSeconds(30));
        CallsOf("runner.status").Should().BeGreaterThan(Builds, "they go on by themselves");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_limit_of_the_polls_holds_back_no_trigger_and_one_of_the_triggers_holds_back_all(bool isOfTriggers)
    {
        var process = await StartRunningAsync(10);
        if (isOfTriggers)
        {
            Runner.NextTrigger(FakeFailure.RateLimited(RetryAfter));
        }
        else
        {
            Runner.NextStatus(FakeFailure.RateLimited(RetryAfter));
            await RunForAsync(process, TimeSpan.FromSeconds(3));
        }

        _calls.Clear();
        for (var number = 0; number < 10; number++)
        {
            await process.Orchestrator.SubmitAsync(Submissions.Of(key: $"late-{number}"));
        }

        await RunForAsync(process, TimeSpan.FromSeconds(6));

        CallsOf("runner.trigger").Should().Be(isOfTriggers ? 1 : 10);
        CallsOf("runner.status").Should().Be(0);
    }

    [Fact]
    public async Task A_limit_that_one_cancel_met_holds_back_the_cancels_of_all_builds()
    {
        var process = await StartRunningAsync(10);
        using var limit = Runner.EveryCancel(FakeFailure.RateLimited(RetryAfter));
        foreach (var build in await ListAsync(process))
        {
            await process.Orchestrator.CancelAsync(build.Id);
        }

        _calls.Clear();
        await RunForAsync(process, TimeSpan.FromSeconds(9));

        CallsOf("runner.cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_limit_of_the_polls_holds_back_no_cancel()
    {
        var process = await StartRunningAsync(10);
        using var limit = Runner.EveryStatus(FakeFailure.RateLimited(TimeSpan.FromMinutes(10)));
        await RunForAsync(process, TimeSpan.FromSeconds(3));
        foreach (var build in (await ListAsync(process)).Where(static build => build.Bookkeeping.NotBefore is null))
        {
            await process.Orchestrator.CancelAsync(build.Id);
        }

        _calls.Clear();
        await RunForAsync(process, TimeSpan.FromSeconds(1));

        CallsOf("runner.cancel").Should().Be(9);
        CallsOf("runner.status").Should().Be(0);
    }

    [Fact]
    public async Task In_an_outage_the_polls_of_all_builds_back_off_together_and_all_go_on_after_it()
    {
        var process = await StartRunningAsync();
        var outage = Runner.EveryStatus(FakeFailure.Transient());
        _calls.Clear();

        await RunForAsync(process, TimeSpan.FromMinutes(15));

        // The pauses grow to a minute, and half of each is random.
        CallsOf("runner.status").Should().BeInRange(15, 60);
        (await ListAsync(process)).Should().OnlyContain(static build => build.Status == BuildStatus.Running);
        outage.Dispose();
        _calls.Clear();
        await RunForAsync(process, TimeSpan.FromSeconds(90));
        CallsOf("runner.status").Should().BeGreaterThan(Builds);
    }

    [Fact]
    public async Task One_build_whose_polls_fail_holds_back_no_other()
    {
        var process = await StartRunningAsync(2);
        var bad = (await ListAsync(process))[0].RemoteId;
        _statusFault = buildId => buildId == bad ? new BuildRunnerException("It cannot be read.") { IsTransient = true } : null;
        _calls.Clear();

        await RunForAsync(process, TimeSpan.FromMinutes(2));

        CallsOf("runner.status").Should().BeGreaterThan(50);
    }

    [Fact]
    public async Task While_one_call_tries_whether_an_outage_is_over_no_other_is_made()
    {
        var process = await StartRunningAsync();
        var outage = Runner.EveryStatus(FakeFailure.Transient());
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        outage.Dispose();
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(2));
        _calls.Clear();
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource another = new(TaskCreationOptions.RunContinuationsAsynchronously);
        process.Hook.OnCallAsync = async call =>
        {
            await CountAsync(call);
            if (reached.Task.IsCompleted && call is { Member: "store.read", IsDone: true })
            {
                another.TrySetResult();
            }

            if (call == new StageCall("runner.status", IsDone: false, call.Topic) && reached.TrySetResult())
            {
                await released.Task;
            }
        };

        var first = process.StepAsync(SignalTopic);
        await reached.Task.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        var second = process.StepAsync(SignalTopic);
        await another.Task.WaitAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        var (early, isWaiting) = (CallsOf("runner.status"), !second.IsCompleted);
        released.SetResult();
        await first;
        await second;

        early.Should().Be(1);
        isWaiting.Should().BeTrue("it has read its build and waits for the call that tries");
        CallsOf("runner.status").Should().BeGreaterThan(16, "those that waited go on when it was answered");
    }

    [Fact]
    public async Task A_build_whose_grace_is_over_is_asked_for_although_the_others_wait()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartRunningAsync(0);
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(1)));
        var other = await process.Orchestrator.SubmitAsync(Submissions.Of(key: "build-2"));
        await RunForAsync(process, TimeSpan.FromMinutes(1) + new BuildRunnerOptions().Grace - TimeSpan.FromSeconds(5));
        var limited = (await GetAsync(process, other)).RemoteId;
        BuildRunnerException fault = new("Too many.") { IsTransient = true, RetryAfter = TimeSpan.FromMinutes(30) };
        _statusFault = buildId => buildId == limited ? fault : null;
        await RunForAsync(process, TimeSpan.FromSeconds(4));
        Runner.MoveTo((await GetAsync(process, build)).RemoteId!.Value, BuildStatus.Succeeded);
        var early = (await GetAsync(process, build)).Status;

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        early.Should().Be(BuildStatus.Running);
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_outage_is_logged_when_it_begins_and_when_it_is_over_and_not_for_each_build()
    {
        var process = await StartRunningAsync();
        var outage = Runner.EveryStatus(FakeFailure.Transient());
        var before = _log.Entries.Count;

        await RunForAsync(process, TimeSpan.FromMinutes(5));
        var during = _log.Entries.Skip(before).Where(static entry => entry.Level > LogLevel.Debug).ToList();
        outage.Dispose();
        await RunForAsync(process, TimeSpan.FromMinutes(3));

        during.Should().ContainSingle().Which.Level.Should().Be(LogLevel.Warning);
        _log.Entries.Skip(before).Where(static entry => entry.Level > LogLevel.Debug).Select(static entry => entry.Level)
            .Should().Equal(LogLevel.Warning, LogLevel.Information);
    }

    private async Task<StageProcess> StartRunningAsync(int count = Builds)
    {
        if (count > 0)
        {
            Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        }

        var process = await StartAsync((stage, hook) =>
        {
            stage.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_log));
            stage.AddObserver(Observer).AddRunner(hook, new FaultyRunner(Runner, buildId => _statusFault(buildId)));
        });
        process.Hook.OnCallAsync = CountAsync;
        for (var number = 0; number < count; number++)
        {
            await process.Orchestrator.SubmitAsync(Submissions.Of(key: $"build-{number}"));
        }

        await process.DrainAsync();
        return process;
    }

    private Task CountAsync(StageCall call)
    {
        if (!call.IsDone)
        {
            _calls[call.Member] = CallsOf(call.Member) + 1;
        }

        return Task.CompletedTask;
    }

    private int CallsOf(string member) => _calls.GetValueOrDefault(member);

    private static async Task<IReadOnlyList<Build>> ListAsync(StageProcess process) =>
        (await process.Orchestrator.ListAsync(new BuildQuery { Limit = 200 })).Builds;

    private sealed class FaultyRunner(IBuildRunner inner, Func<BuildId, Exception?> statusFault) : DelegatingBuildRunner(inner)
    {
        public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
            statusFault(buildId) is { } fault ? Task.FromException<BuildSnapshot>(fault) : base.StatusAsync(buildId, cancellationToken);
    }
}
