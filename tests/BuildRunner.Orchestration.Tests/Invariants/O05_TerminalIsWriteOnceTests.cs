namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O05_TerminalIsWriteOnceTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(10);

    // For its turn and for two calls.
    private static readonly TimeSpan LastCall = TimeSpan.FromMinutes(1) + (2 * CallTimeout);

    [Fact]
    public async Task A_poll_that_answers_after_the_grace_is_over_does_not_change_the_end()
    {
        var (first, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = System.Threading.Timeout.InfiniteTimeSpan }, Timeout);
        await RunForAsync(first, Timeout + TimeSpan.FromMinutes(4));
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);
        var hold = Hold.Before(first, "store.update");
        var poll = first.StepAsync(SignalTopic);
        await hold.Reached;

        await Backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        var second = await StartAsync();
        await second.StepAsync(BuildTopics.Deadline);
        await Backend.AdvanceAsync(LastCall);
        await second.StepAsync(BuildTopics.Deadline);
        var ended = await GetAsync(second, build);
        hold.Release();
        await poll;

        ended.Status.Should().Be(BuildStatus.Failed);
        await ShouldStayAsync(second, ended);
    }

    [Fact]
    public async Task A_deadline_whose_grace_is_over_does_not_change_the_end_that_a_poll_has_found()
    {
        var (first, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = System.Threading.Timeout.InfiniteTimeSpan }, Timeout);
        await RunForAsync(first, Timeout + TimeSpan.FromMinutes(4));
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        var hold = Hold.Before(first, "store.update");
        var deadline = first.StepAsync(BuildTopics.Deadline);
        await hold.Reached;

        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);
        var second = await StartAsync();
        await second.StepAsync(SignalTopic);
        var ended = await GetAsync(second, build);
        hold.Release();
        await deadline;

        ended.Status.Should().Be(BuildStatus.Succeeded);
        await ShouldStayAsync(second, ended);
    }

    [Fact]
    public async Task A_dead_letter_does_not_change_the_end_that_a_poll_has_found()
    {
        var (first, build) = await StartRunningAsync();
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        await BuryAsync(first, SignalTopic);
        var hold = Hold.After(first, "runner.cancel");
        var letter = first.StepAsync(Queue.Topic.DeadLettersOf(SignalTopic));
        await hold.Reached;

        var second = await StartAsync();
        await SignalAsync(second, build);
        await second.StepAsync(SignalTopic);
        var ended = await GetAsync(second, build);
        hold.Release();
        await letter;

        ended.Status.Should().Be(BuildStatus.Failed, "the other has cancelled it by then, and has said why before");
        await ShouldStayAsync(second, ended);
    }

    [Fact]
    public async Task A_poll_does_not_change_the_end_that_a_dead_letter_has_made()
    {
        var (first, build) = await StartRunningAsync();
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        await BuryAsync(first, SignalTopic);
        await SignalAsync(first, build);
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);
        var hold = Hold.Before(first, "store.update");
        var poll = first.StepAsync(SignalTopic);
        await hold.Reached;

        var second = await StartAsync();
        Runner.NextStatus(FakeFailure.Transient());
        await second.StepAsync(Queue.Topic.DeadLettersOf(SignalTopic));
        var ended = await GetAsync(second, build);
        hold.Release();
        await poll;

        KindOf(ended).Should().Be(BuildFailureKinds.Infra);
        await ShouldStayAsync(second, ended);
    }

    [Fact]
    public async Task A_deadline_and_a_dead_letter_end_a_build_once()
    {
        var (first, build) = await StartRunningAsync(timeout: Timeout);
        await BuryAsync(first, SignalTopic);
        await Backend.AdvanceAsync(Timeout);
        await first.StepAsync(BuildTopics.Deadline);
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(5));
        var hold = Hold.Before(first, "store.update");
        var letter = first.StepAsync(Queue.Topic.DeadLettersOf(SignalTopic));
        await hold.Reached;

        var second = await StartAsync();
        await second.StepAsync(BuildTopics.Deadline);
        await Backend.AdvanceAsync(LastCall);
        await second.StepAsync(BuildTopics.Deadline);
        var ended = await GetAsync(second, build);
        hold.Release();
        await letter;

        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        await ShouldStayAsync(second, ended);
    }

    [Fact]
    public async Task Nothing_changes_a_build_that_has_ended()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)), Timeout);
        await RunForAsync(process, TimeSpan.FromMinutes(2));
        var ended = await GetAsync(process, build);

        await process.Orchestrator.CancelAsync(build.Id);
        await process.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value);
        await RunForAsync(process, TimeSpan.FromHours(1));

        ended.Status.Should().Be(BuildStatus.Succeeded);
        await ShouldStayAsync(process, ended);
    }

    [Fact]
    public async Task A_status_that_is_unchanged_wakes_nobody()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled());
        var told = Observer.Seen.Count;

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        Observer.Seen.Should().HaveCount(told);
        (await GetAsync(process, build)).Version.Should().Be(build.Version);
        Runner.StatusCalls.Count.Should().BeGreaterThan(200);
    }

    [Fact]
    public async Task A_build_that_tells_another_duration_at_each_poll_is_not_saved_for_that()
    {
        var (process, build) = await StartRunningAsync();
        for (var poll = 0; poll < 10; poll++)
        {
            Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Running, [new(BuildMetadataKeys.DurationMs, $"{poll}000"), new(BuildMetadataKeys.Url, "https://ci.example.org/1")]);
            await RunForAsync(process, TimeSpan.FromSeconds(5));
        }

        (await GetAsync(process, build)).Version.Should().Be(build.Version + 1, "the address was new, once");
    }

    [Fact]
    public async Task What_is_kept_for_the_loop_alone_wakes_nobody_and_is_no_change_that_others_see()
    {
        var (process, build) = await StartRunningAsync();
        var told = Observer.Seen.Count;
        using var outage = Runner.EveryStatus(FakeFailure.Transient());

        await RunForAsync(process, TimeSpan.FromMinutes(5));

        var after = await GetAsync(process, build);
        after.Bookkeeping.ErrorsInARow.Should().BePositive();
        after.UpdatedAt.Should().Be(build.UpdatedAt);
        Observer.Seen.Should().HaveCount(told);
    }

    [Fact]
    public async Task A_state_that_is_not_known_leaves_the_last_known_status_and_a_note()
    {
        var (process, build) = await StartRunningAsync();
        var told = Observer.Seen.Count;

        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Unknown, [new(BuildMetadataKeys.NativeState, "on the moon")]);
        await RunForAsync(process, TimeSpan.FromSeconds(10));
        var unknown = await GetAsync(process, build);
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Running);
        await RunForAsync(process, TimeSpan.FromSeconds(10));

        unknown.Status.Should().Be(BuildStatus.Running);
        unknown.Note.Should().Contain("on the moon");
        (await GetAsync(process, build)).Note.Should().BeNull();
        Observer.Seen.Should().HaveCount(told);
    }

    private async Task ShouldStayAsync(StageProcess process, Build ended)
    {
        await RunForAsync(process, TimeSpan.FromHours(1));

        (await GetAsync(process, ended)).Should().Be(ended);
        Observer.Seen.Where(seen => seen.Status.IsTerminal()).Should().ContainSingle().Which.Should().Be(ended);
    }
}
