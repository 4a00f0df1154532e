using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O07_NoDeadEndTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_dead_letter_of_the_trigger_ends_a_build_that_was_never_asked_for_and_wakes_its_owner()
    {
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await BuryAsync(process, TriggerTopic);

        await process.DrainAsync();

        await ShouldHaveEndedAsync(process, submitted);
        Runner.Triggers.Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_of_the_trigger_waits_for_a_call_that_may_be_under_way_and_cancels_what_it_created()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        Runner.NextTrigger(FakeFailure.AnswerLost());
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.DrainAsync();
        var mark = (await GetAsync(process, submitted)).Bookkeeping.TriggerAttemptedAt!.Value;
        await Backend.AdvanceAsync(2 * CallTimeout);
        await RemarkAsync(process, submitted);
        await BuryAsync(process, TriggerTopic);

        await process.DrainAsync();
        var early = await GetAsync(process, submitted);
        await RunForAsync(process, 2 * CallTimeout);

        early.Status.Should().Be(BuildStatus.Accepted);
        early.Bookkeeping.TriggerAttemptedAt.Should().BeAfter(mark);
        await ShouldHaveEndedAsync(process, submitted);
        Runner.Cancels.Should().ContainSingle().Which.Should().Be((await GetAsync(process, submitted)).RemoteId!.Value);
    }

    [Fact]
    public async Task A_dead_letter_of_the_poll_cancels_the_build_once_and_ends_it()
    {
        var (process, build) = await StartRunningAsync();
        await BuryAsync(process, SignalTopic);

        await process.DrainAsync();

        await ShouldHaveEndedAsync(process, build);
        Runner.Cancels.Should().ContainSingle();
    }

    [Fact]
    public async Task A_dead_letter_of_the_poll_of_a_build_that_has_ended_well_ends_it_well()
    {
        var (process, build) = await StartRunningAsync();
        await BuryAsync(process, SignalTopic);
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        await process.DrainAsync();

        var ended = await GetAsync(process, build);
        ended.Should().Match<Build>(it => it.Status == BuildStatus.Succeeded && it.CancelCause == BuildCancelCause.None);
        Observer.Seen.Should().ContainSingle(seen => seen.Status.IsTerminal()).Which.Should().Be(ended);
        Runner.Cancels.Should().BeEmpty();
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_dead_letter_ends_the_build_although_it_cannot_be_cancelled()
    {
        var (process, build) = await StartRunningAsync();
        using var refusal = Runner.EveryCancel(FakeFailure.Permanent());
        await BuryAsync(process, SignalTopic);

        await process.DrainAsync();

        await ShouldHaveEndedAsync(process, build);
        (await GetAsync(process, build)).Note.Should().Contain(build.RemoteId!.Value.Value);
    }

    [Fact]
    public async Task A_dead_letter_ends_the_build_although_its_runner_hangs()
    {
        var (process, build) = await StartRunningAsync();
        using var hang = Runner.NextCancel(FakeFailure.Hangs());
        await BuryAsync(process, SignalTopic);

        var step = process.StepAsync(Topic.DeadLettersOf(SignalTopic));
        await hang.Reached;
        await Backend.AdvanceAsync(CallTimeout);
        await step;
        await process.DrainAsync();

        await ShouldHaveEndedAsync(process, build);
    }

    [Fact]
    public async Task A_dead_letter_of_the_deadline_still_ends_the_build_in_time()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan }, TimeSpan.FromMinutes(10));
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(10));
        await BuryAsync(process, BuildTopics.Deadline);

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        var ended = await GetAsync(process, build);
        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        ended.CancelCause.Should().Be(BuildCancelCause.Deadline);
        Observer.Seen.Should().ContainSingle(seen => seen.Status.IsTerminal());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dead_letter_of_a_build_that_has_ended_changes_nothing(bool isDeadline)
    {
        var (process, build) = await StartRunningAsync(timeout: TimeSpan.FromMinutes(10));
        var topic = isDeadline ? BuildTopics.Deadline : SignalTopic;
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(10));
        await BuryAsync(process, topic);
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);
        await SignalAsync(process, build);
        await process.StepAsync(SignalTopic);
        var ended = await GetAsync(process, build);

        (await process.StepAsync(Topic.DeadLettersOf(topic))).Count.Should().Be(1);

        ended.Status.Should().Be(BuildStatus.Succeeded);
        (await GetAsync(process, build)).Should().Be(ended);
        Runner.Cancels.Should().BeEmpty();
        (await CountDeadLettersAsync(topic)).Should().Be(0);
    }

    [Fact]
    public async Task A_dead_letter_is_handled_until_it_succeeds()
    {
        var (process, build) = await StartRunningAsync();
        await BuryAsync(process, SignalTopic);
        process.Hook.OnCallAsync = static call => call.Member == "store.update" ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        await RunForAsync(process, TimeSpan.FromHours(1));

        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await RunForAsync(process, TimeSpan.FromMinutes(5));

        await ShouldHaveEndedAsync(process, build);
    }

    private async Task ShouldHaveEndedAsync(StageProcess process, Build build)
    {
        var ended = await GetAsync(process, build);
        ended.Status.Should().Be(BuildStatus.Failed);
        KindOf(ended).Should().Be(BuildFailureKinds.Infra);
        ended.CancelCause.Should().Be(BuildCancelCause.DeadLetter);
        ended.Note.Should().NotBeNullOrEmpty();
        Observer.Seen.Should().ContainSingle(seen => seen.Status.IsTerminal()).Which.Should().Be(ended);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    // As another delivery does that triggers again, and dies before it knows what came of it.
    private async Task RemarkAsync(StageProcess process, Build submitted)
    {
        var (_, store) = await OpenAsync();
        var reading = await store.ReadAsync(submitted.Id, CancellationToken.None);
        (await store.TryUpdateAsync(reading.Build! with { Version = reading.Build.Version + 1, Bookkeeping = reading.Build.Bookkeeping with { TriggerAttemptedAt = reading.Now } }, [], CancellationToken.None)).Should().BeTrue();
    }
}
