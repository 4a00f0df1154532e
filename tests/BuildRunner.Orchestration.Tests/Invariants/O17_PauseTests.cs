namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O17_PauseTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly RunnerPause Holds = new() { Holds = true, By = "ops", Reason = "The CI moves" };

    [Fact]
    public async Task While_a_runner_is_held_nothing_is_triggered_and_afterwards_all_is()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        var process = await StartAsync();
        await PauseAsync(process, Holds);
        var submitted = await SubmitManyAsync(process, 3);

        await RunForAsync(process, Hour);

        Runner.Triggers.Should().BeEmpty();
        await ResumeAsync(process);
        foreach (var build in submitted)
        {
            await process.RunToEndAsync(build.Id, TimeSpan.FromMinutes(1));
            (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
        }
    }

    [Fact]
    public async Task A_hold_counts_in_other_processes_from_when_it_was_saved()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        await SubmitManyAsync(second, 1);
        await second.DrainAsync();
        Runner.Triggers.Should().ContainSingle("the other process has seen that there is no hold");

        await PauseAsync(first, Holds);
        await SubmitManyAsync(second, 3);
        await second.DrainAsync();

        Runner.Triggers.Should().ContainSingle();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(5)]
    public async Task A_hold_that_is_saved_while_a_build_is_about_to_be_marked_keeps_it_from_being_triggered(int? most)
    {
        var first = await StartAsync(configure: options => options.MaxInFlight = most);
        var second = await StartAsync(configure: options => options.MaxInFlight = most);
        await SubmitManyAsync(first, 1);
        if (most is not null)
        {
            await first.StepAsync(TriggerTopic);
            await first.StepAsync(BuildTopics.DispatchOf(StageBuilderExtensions.Ci));
        }

        var hold = Hold.Before(first, "store.update");
        var step = first.StepAsync(TriggerTopic);
        await hold.Reached;
        await PauseAsync(second, Holds);
        hold.Release();
        await step;

        await first.DrainAsync();
        Runner.Triggers.Should().BeEmpty();
        await ResumeAsync(second);
        await first.DrainAsync();
        Runner.Triggers.Should().ContainSingle();
    }

    [Fact]
    public async Task A_hold_costs_no_build_that_was_not_triggered_its_time()
    {
        var timeout = TimeSpan.FromMinutes(10);
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartAsync(configure: static options => options.MaxInFlight = 2);
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: timeout));
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(3));
        await PauseAsync(process, Holds);
        await RunForAsync(process, Hour);
        await ResumeAsync(process);

        await RunForAsync(process, TimeSpan.FromMinutes(1));
        var triggered = await GetAsync(process, build);

        triggered.CancelCause.Should().Be(BuildCancelCause.None);
        triggered.RemoteId.Should().NotBeNull();
        triggered.Deadline.Should().Be(build.Deadline + Hour);
        await RunForAsync(process, TimeSpan.FromMinutes(7));
        var ended = await GetAsync(process, build);
        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        (ended.EndedAt - build.CreatedAt).Should().BeGreaterThanOrEqualTo(timeout + Hour).And.BeLessThan(timeout + Hour + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_build_that_still_waits_after_a_hold_ends_when_its_time_is_over_without_it()
    {
        var timeout = TimeSpan.FromMinutes(10);
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartAsync(configure: static options => options.MaxInFlight = 1);
        await SubmitManyAsync(process, 1);
        await process.DrainAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of("waits", timeout: timeout));
        await PauseAsync(process, Holds);
        await RunForAsync(process, Hour);
        await ResumeAsync(process);

        await RunForAsync(process, timeout - TimeSpan.FromMinutes(2));
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Accepted);
        await RunForAsync(process, TimeSpan.FromMinutes(4));

        KindOf(await GetAsync(process, build)).Should().Be(BuildFailureKinds.Timeout);
    }

    [Fact]
    public async Task A_deadline_that_came_in_a_hold_is_kept_by_a_build_that_is_triggered_after_it()
    {
        var left = TimeSpan.FromSeconds(5);
        var timeout = TimeSpan.FromMinutes(10);
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: timeout));
        await Backend.AdvanceAsync(timeout - left);
        await PauseAsync(process, Holds);
        await RunForAsync(process, 2 * left);
        await ResumeAsync(process);

        await RunForAsync(process, left - Instant);
        (await GetAsync(process, build)).Should().Match<Build>(it => it.RemoteId != null && it.CancelCause == BuildCancelCause.None);
        await RunForAsync(process, Instant);

        (await GetAsync(process, build)).CancelCause.Should().Be(BuildCancelCause.Deadline);
    }

    [Fact]
    public async Task Time_before_the_submission_is_no_time_for_which_it_was_held()
    {
        var process = await StartAsync();
        await PauseAsync(process, Holds);
        await Backend.AdvanceAsync(Hour);
        await ResumeAsync(process);
        await PauseAsync(process, Holds);
        await Backend.AdvanceAsync(Hour);

        var build = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await ResumeAsync(process);
        await process.DrainAsync();

        (await GetAsync(process, build)).Deadline.Should().Be(build.Deadline);
    }

    [Fact]
    public async Task Builds_that_were_triggered_are_polled_and_cancelled_while_the_runner_is_held()
    {
        var (process, build) = await StartRunningAsync();
        await PauseAsync(process, Holds);

        await process.Orchestrator.CancelAsync(build.Id);
        await process.RunToEndAsync(build.Id, TimeSpan.FromMinutes(1));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_whose_trigger_has_created_nothing_is_not_triggered_again_while_the_runner_is_held()
    {
        var process = await StartAsync();
        Runner.NextTrigger(FakeFailure.TimesOut());
        var submitted = await SubmitManyAsync(process, 1);
        await process.StepAsync(TriggerTopic);
        await PauseAsync(process, Holds);

        await RunForAsync(process, Hour);

        Runner.Triggers.Should().ContainSingle();
        (await GetAsync(process, submitted[0])).Bookkeeping.Line.Should().NotBeNull();
        await ResumeAsync(process);
        await process.RunToEndAsync(submitted[0].Id, TimeSpan.FromMinutes(1));
        Runner.Triggers.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(null, 100)]
    public async Task After_a_hold_the_runner_is_not_stormed(int? mostInFlight, int mostInSecond)
    {
        const int Count = 110;
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartAsync(configure: options => options.MaxInFlight = mostInFlight);
        await PauseAsync(process, Holds);
        await SubmitManyAsync(process, Count);
        await process.DrainAsync();

        await ResumeAsync(process);
        await process.DrainAsync();

        Runner.Triggers.Should().HaveCount(mostInSecond);
        await RunForAsync(process, TimeSpan.FromSeconds(2));
        Runner.Triggers.Should().HaveCount(mostInFlight ?? Count);
    }

    [Fact]
    public async Task A_runner_that_refuses_takes_no_new_builds_and_answers_for_those_that_it_has()
    {
        var process = await StartAsync();
        var known = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await PauseAsync(process, new() { Refuses = true, By = "ops", Reason = "Full" });

        (await process.Orchestrator.SubmitAsync(Submissions.Of())).Id.Should().Be(known.Id);
        var refused = await process.Invoking(it => it.Orchestrator.SubmitAsync(Submissions.Of("new"))).Should().ThrowAsync<RunnerRefusesException>();

        refused.Which.Runner.Should().Be(StageBuilderExtensions.Ci);
        refused.Which.Pause.Should().BeEquivalentTo(new { Refuses = true, By = "ops", Reason = "Full", Since = StageBackend.Start });
        await process.RunToEndAsync(known.Id, TimeSpan.FromMinutes(1));
        await ResumeAsync(process);
        await process.Orchestrator.SubmitAsync(Submissions.Of("new"));
    }

    [Fact]
    public async Task Another_process_refuses_within_a_second()
    {
        var first = await StartAsync();
        var second = await StartAsync();
        await second.Orchestrator.SubmitAsync(Submissions.Of());

        await PauseAsync(first, new() { Refuses = true, By = "ops" });
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(1));

        await second.Invoking(it => it.Orchestrator.SubmitAsync(Submissions.Of("new"))).Should().ThrowAsync<RunnerRefusesException>();
    }

    [Fact]
    public async Task Everyone_sees_who_has_paused_a_runner_and_why()
    {
        var process = await StartAsync();
        var since = Backend.Time.GetUtcNow();
        await PauseAsync(process, Holds);
        await Backend.AdvanceAsync(Hour);
        await PauseAsync(process, Holds with { Refuses = true, By = "boss" });

        var states = await (await StartAsync((_, _) => { })).Orchestrator.ListRunnersAsync();

        states.Should().ContainSingle().Which.Pause.Should().Be(new RunnerPause { Holds = true, Refuses = true, By = "boss", Reason = "The CI moves", Since = since });
    }

    [Fact]
    public async Task Everyone_sees_who_has_resumed_a_runner_and_why()
    {
        var process = await StartAsync();
        await PauseAsync(process, Holds);
        await Backend.AdvanceAsync(Hour);
        await process.Orchestrator.ResumeRunnerAsync(StageBuilderExtensions.Ci, "jane", "The CI has moved");
        var end = Backend.Time.GetUtcNow();
        await Backend.AdvanceAsync(Hour);
        await process.Orchestrator.ResumeRunnerAsync(StageBuilderExtensions.Ci, "late");
        var resumed = new { Pause = (RunnerPause?)null, ResumedBy = "jane", ResumeReason = "The CI has moved", ResumedAt = end };

        (await (await StartAsync((_, _) => { })).Orchestrator.ListRunnersAsync()).Should().ContainSingle().Which.Should().BeEquivalentTo(resumed);
        (await PauseAsync(process, Holds)).Should().BeEquivalentTo(new { resumed.ResumedBy, resumed.ResumeReason, resumed.ResumedAt });
    }

    private static Task<RunnerState> PauseAsync(StageProcess process, RunnerPause pause) => process.Orchestrator.PauseRunnerAsync(StageBuilderExtensions.Ci, pause);

    private static Task<RunnerState> ResumeAsync(StageProcess process) => process.Orchestrator.ResumeRunnerAsync(StageBuilderExtensions.Ci, "ops");
}
