namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>On a CI that creates a build at each trigger. <see cref="Settles"/> is how long somebody may still be in the call.</summary>
public abstract class O02_OneBuildPerKeyTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Settles = 2 * CallTimeout;

    private CreatingRunner? _creating;

    private CreatingRunner Creating => _creating ??= new(Runner);

    [Fact]
    public async Task A_mark_is_saved_before_the_runner_is_called()
    {
        var process = await StartAsync(Creating);
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        DateTimeOffset? mark = null;
        process.Hook.OnCallAsync = async call => mark = call == new StageCall("runner.trigger", IsDone: false) ? (await GetAsync(process, submitted)).Bookkeeping.TriggerAttemptedAt : mark;

        await process.StepAsync(TriggerTopic);

        mark.Should().NotBeNull();
    }

    [Fact]
    public async Task A_build_whose_answer_was_lost_is_found_and_adopted()
    {
        Runner.NextTrigger(FakeFailure.AnswerLost());
        var process = await StartAsync(Creating);

        var build = await RunToEndAsync(process);

        build.Status.Should().Be(BuildStatus.Succeeded);
        Runner.Triggers.Should().ContainSingle().Which.BuildId.Should().Be(build.RemoteId);
    }

    [Fact]
    public async Task A_build_whose_answer_was_lost_is_never_created_again_by_a_runner_that_cannot_look_it_up()
    {
        Runner.NextTrigger(FakeFailure.AnswerLost());
        var process = await StartAsync(Creating, finds: false);

        var build = await RunToEndAsync(process);

        build.Status.Should().Be(BuildStatus.Failed);
        KindOf(build).Should().Be(BuildFailureKinds.Infra);
        build.Note.Should().NotBeNullOrEmpty();
        build.UpdatedAt.Should().BeOnOrAfter(build.CreatedAt + Settles);
        Runner.CreatedBuilds.Should().Be(1);
        Runner.Triggers.Should().ContainSingle();
    }

    [Fact]
    public async Task A_trigger_that_did_not_arrive_is_repeated_with_the_same_key_under_a_new_mark()
    {
        Runner.NextTrigger(FakeFailure.TimesOut());
        var process = await StartAsync(Creating);
        List<(string? Key, DateTimeOffset? Mark)> calls = [];
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        process.Hook.OnCallAsync = async call =>
        {
            if (call == new StageCall("runner.trigger", IsDone: false))
            {
                var build = await GetAsync(process, submitted);
                calls.Add((build.Request.TriggerKey, build.Bookkeeping.TriggerAttemptedAt));
            }
        };

        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));

        calls.Select(call => call.Key).Should().Equal(submitted.Id.ToString(), submitted.Id.ToString());
        calls[1].Mark.Should().BeOnOrAfter(calls[0].Mark!.Value + Settles);
        (await GetAsync(process, submitted)).Status.Should().Be(BuildStatus.Succeeded);
        Runner.CreatedBuilds.Should().Be(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trigger_that_is_given_up_is_not_looked_into_before_its_call_must_be_over(bool finds)
    {
        using var hang = Runner.NextTrigger(FakeFailure.Hangs());
        var process = await StartAsync(Creating, finds);
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        var step = process.StepAsync(TriggerTopic);
        await hang.Reached;
        await Backend.AdvanceAsync(CallTimeout);
        await step;

        await RunForAsync(process, Settles - CallTimeout - TimeSpan.FromSeconds(1));
        var early = (Triggers: Runner.Triggers.Count, Creating.Finds, (await GetAsync(process, submitted)).Status);
        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));

        early.Should().Be((1, 0, BuildStatus.Accepted));
        (await GetAsync(process, submitted)).Status.Should().Be(finds ? BuildStatus.Succeeded : BuildStatus.Failed);
        Runner.Triggers.Should().HaveCount(finds ? 2 : 1);
    }

    [Fact]
    public async Task A_trigger_that_was_cut_off_by_a_shutdown_is_looked_up_and_not_repeated()
    {
        var first = await StartAsync(Creating);
        var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of());
        var hold = Hold.After(first, "runner.trigger");
        var step = first.StepAsync(TriggerTopic);
        await hold.Reached;
        first.Stop();
        await Backend.AdvanceAsync(CallTimeout);
        await step;

        var second = await StartAsync(Creating);
        await second.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));
        hold.Release();

        (await GetAsync(second, submitted)).Status.Should().Be(BuildStatus.Succeeded);
        Runner.Triggers.Should().ContainSingle();
    }

    [Theory]
    [InlineData("store.update", true, 1)]
    [InlineData("runner.trigger", true, 1)]
    public async Task A_mark_that_an_earlier_delivery_has_left_is_looked_into_and_the_build_created_once(string member, bool isDone, int created)
    {
        var (second, submitted) = await CrashAsync(new StageCall(member, isDone));

        await RunForAsync(second, TimeSpan.FromMinutes(5));

        (await GetAsync(second, submitted)).Status.Should().Be(BuildStatus.Succeeded);
        Creating.Finds.Should().BePositive();
        Runner.Triggers.Should().HaveCount(created);
    }

    [Theory]
    [InlineData("store.update", true)]
    [InlineData("runner.trigger", true)]
    public async Task A_mark_that_an_earlier_delivery_has_left_is_never_followed_by_a_trigger_where_the_runner_cannot_look_up(string member, bool isDone)
    {
        var (second, submitted) = await CrashAsync(new StageCall(member, isDone), finds: false);
        var before = Runner.Triggers.Count;

        await RunForAsync(second, TimeSpan.FromMinutes(5));

        KindOf(await GetAsync(second, submitted)).Should().Be(BuildFailureKinds.Infra);
        Runner.Triggers.Should().HaveCount(before);
    }

    [Fact]
    public async Task The_mark_is_renewed_before_the_trigger_is_repeated_so_that_a_call_still_under_way_is_waited_for()
    {
        // The lease of the queue, 30 seconds, is over before the call must be.
        static void Configure(BuildRunnerOptions options) => options.TriggerTimeout = TimeSpan.FromSeconds(20);
        var first = await StartAsync(Creating, configure: Configure);
        var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of());
        CrashAt(first, new StageCall("store.update", IsDone: true));
        await first.StepAsync(TriggerTopic);
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(45));

        // It finds nothing, and dies when its own call is on its way.
        var second = await StartAsync(Creating, configure: Configure);
        CrashAt(second, new StageCall("runner.trigger", IsDone: false));
        await second.RunUntilAsync(() => Task.FromResult(second.Hook.IsDead), TimeSpan.FromSeconds(10));
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(32));

        var third = await StartAsync(Creating, configure: Configure);
        await RunForAsync(third, TimeSpan.FromSeconds(3));
        var early = Runner.Triggers.Count;
        await Creating.TriggerAsync(submitted.Request);
        await third.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));

        early.Should().Be(0);
        Runner.CreatedBuilds.Should().Be(1);
        (await GetAsync(third, submitted)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_holder_that_lost_its_lease_while_it_saved_its_mark_does_not_call_any_more()
    {
        var first = await StartAsync(Creating);
        var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of());
        var hold = Hold.After(first, "store.update");
        var step = first.StepAsync(TriggerTopic);
        await hold.Reached;
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(45));
        var second = await StartAsync(Creating);
        await second.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));

        hold.Release();
        await step;

        Runner.Triggers.Should().ContainSingle();
        (await GetAsync(second, submitted)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_build_that_was_cancelled_before_it_was_asked_for_is_not_created()
    {
        var process = await StartAsync(Creating);
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.Orchestrator.CancelAsync(submitted.Id);

        await process.StepAsync();

        (await GetAsync(process, submitted)).Status.Should().Be(BuildStatus.Cancelled);
        Runner.Triggers.Should().BeEmpty();
    }

    [Fact]
    public async Task A_cancel_after_a_crash_finds_the_build_that_the_store_does_not_know_and_cancels_it()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var (second, submitted) = await CrashAsync(new StageCall("runner.trigger", IsDone: true));
        await second.Orchestrator.CancelAsync(submitted.Id);

        await RunForAsync(second, TimeSpan.FromMinutes(5));

        var build = await GetAsync(second, submitted);
        build.Status.Should().Be(BuildStatus.Cancelled);
        Runner.Cancels.Should().ContainSingle().Which.Should().Be(build.RemoteId!.Value);
        Runner.CreatedBuilds.Should().Be(1);
    }

    [Fact]
    public async Task A_cancel_after_a_crash_before_the_call_ends_the_build_without_one()
    {
        var (second, submitted) = await CrashAsync(new StageCall("store.update", IsDone: true));
        await second.Orchestrator.CancelAsync(submitted.Id);

        await RunForAsync(second, TimeSpan.FromMinutes(5));

        (await GetAsync(second, submitted)).Status.Should().Be(BuildStatus.Cancelled);
        Runner.Triggers.Should().BeEmpty();
    }

    private static void CrashAt(StageProcess process, StageCall moment) => process.Hook.OnCallAsync = call =>
    {
        if (call == moment)
        {
            process.Crash();
        }

        return Task.CompletedTask;
    };

    private async Task<(StageProcess Next, Build Submitted)> CrashAsync(StageCall moment, bool finds = true)
    {
        var first = await StartAsync(Creating, finds);
        var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of());
        CrashAt(first, moment);
        await first.StepAsync(TriggerTopic);
        return (await StartAsync(Creating, finds), submitted);
    }

    private static async Task<Build> RunToEndAsync(StageProcess process)
    {
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));
        return await GetAsync(process, submitted);
    }
}
