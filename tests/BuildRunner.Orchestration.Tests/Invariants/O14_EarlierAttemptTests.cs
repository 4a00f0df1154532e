using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O14_EarlierAttemptTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const string Commit = "store.commit";

    [Fact]
    public async Task A_signal_for_the_build_of_an_earlier_attempt_is_refused()
    {
        Runner.NextBuild(Retries.Infra);
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await process.RunUntilAsync(async () => (await GetAsync(process, build)).Attempt == 2, TimeSpan.FromMinutes(1));

        (await process.Orchestrator.SignalAsync(build.Runner, Runner.Triggers[0].BuildId!.Value)).Should().BeFalse();
    }

    [Fact]
    public async Task A_poll_that_answers_late_says_nothing_of_the_next_attempt()
    {
        var (first, running) = await StartRetryingRunningAsync();
        FailAtCi(running);
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        var hold = Hold.Before(first, Commit);
        var poll = first.StepAsync(SignalTopic);
        await hold.Reached;

        var second = await StartRetryingAsync();
        await SignalAsync(second, running);
        await second.StepAsync(SignalTopic);
        await RunForAsync(second, TimeSpan.FromMinutes(1));
        hold.Release();
        await poll;

        await ShouldRunAsync(second, running, attempt: 2);
        (await SpentAsync("queue-1")).Should().Be(1);
    }

    [Fact]
    public async Task A_dead_letter_that_has_begun_another_attempt_does_not_end_it_when_it_is_delivered_again()
    {
        var (process, running) = await StartRetryingRunningAsync();
        await BuryAsync(process, SignalTopic);
        FailAtCi(running);
        process.Hook.OnCallAsync = static call => call == new StageCall(Commit, IsDone: true) ? throw new InvalidOperationException("The answer is lost.") : Task.CompletedTask;
        await process.StepAsync(Topic.DeadLettersOf(SignalTopic));
        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await TriggerAgainAsync(process, running);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        await ShouldRunAsync(process, running, attempt: 2);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_dead_letter_about_an_earlier_attempt_does_not_end_the_next()
    {
        var (process, running) = await StartRetryingRunningAsync();
        await BuryAsync(process, SignalTopic);
        FailAtCi(running);
        await SignalAsync(process, running);
        await process.StepAsync(SignalTopic);
        await TriggerAgainAsync(process, running);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        await ShouldRunAsync(process, running, attempt: 2);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_dead_letter_does_not_cancel_an_attempt_that_begins_while_it_asks_for_the_one_before()
    {
        var (first, running) = await StartRetryingRunningAsync();
        await BuryAsync(first, SignalTopic);
        var hold = Hold.After(first, "runner.status");
        var letter = first.StepAsync(Topic.DeadLettersOf(SignalTopic));
        await hold.Reached;

        var second = await StartRetryingAsync();
        FailAtCi(running);
        await SignalAsync(second, running);
        await second.StepAsync(SignalTopic);
        hold.Release();
        await letter;
        await RunForAsync(second, TimeSpan.FromMinutes(1));

        await ShouldRunAsync(second, running, attempt: 2);
    }

    [Fact]
    public async Task A_dead_letter_about_the_present_attempt_ends_it()
    {
        var (process, running) = await StartRetryingRunningAsync();
        FailAtCi(running);
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        await ShouldRunAsync(process, running, attempt: 2);
        await BuryAsync(process, SignalTopic);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        var ended = await ShouldHaveEndedAsync(process, running, BuildStatus.Failed, attempts: 2);
        (ended.CancelCause, KindOf(ended)).Should().Be((BuildCancelCause.DeadLetter, BuildFailureKinds.Infra));
        Runner.Cancels.Should().Equal(Runner.Triggers[1].BuildId!.Value);
    }

    [Fact]
    public async Task A_poll_of_an_earlier_attempt_that_is_put_off_does_not_hold_up_that_of_the_next()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartAsync(configure: static options => (options.Retry, options.RunningPollDelay) = (Retries.Three, TimeSpan.FromMinutes(30)));
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await process.DrainAsync();
        var running = await ShouldRunAsync(process, build, attempt: 1);
        FailAtCi(running);
        await SignalAsync(process, running);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        await ShouldRunAsync(process, build, attempt: 2);
    }

    private async Task<(StageProcess Process, Build Build)> StartRetryingRunningAsync()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await process.DrainAsync();
        return (process, await ShouldRunAsync(process, build, attempt: 1));
    }

    private void FailAtCi(Build build) => Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Failed, [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)]);

    // Nothing else is handled meanwhile.
    private async Task TriggerAgainAsync(StageProcess process, Build build)
    {
        (await GetAsync(process, build)).Should().Match<Build>(static next => next.Attempt == 2 && next.RemoteId == null);
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        await process.StepAsync(TriggerTopic);
        (await GetAsync(process, build)).RemoteId.Should().NotBeNull();
    }

    private static async Task<Build> ShouldRunAsync(StageProcess process, Build build, int attempt)
    {
        var current = await GetAsync(process, build);
        (current.Status, current.Attempt, current.CancelCause).Should().Be((BuildStatus.Running, attempt, BuildCancelCause.None));
        return current;
    }
}
