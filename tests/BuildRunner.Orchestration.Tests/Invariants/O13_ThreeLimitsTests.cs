namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O13_ThreeLimitsTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Pending = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Run = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan Total = TimeSpan.FromMinutes(40);

    private static readonly TimeSpan Hold = TimeSpan.FromMinutes(20);

    // Until the cancel is seen.
    private static readonly TimeSpan Seen = TimeSpan.FromSeconds(40);

    private static FakeBuild Waits => FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds());

    private static BuildSubmission Limited => Submissions.Of(timeout: Total) with { PendingTimeout = Pending, RunTimeout = Run };

    [Fact]
    public async Task A_build_that_its_CI_does_not_run_in_time_fails_and_nobody_is_blamed()
    {
        Runner.NextBuild(Waits);
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited);
        await RunForAsync(process, Pending - TimeSpan.FromSeconds(1));
        (await GetAsync(process, build)).CancelCause.Should().Be(BuildCancelCause.None);

        await RunForAsync(process, Seen);

        var ended = await ShouldHaveTimedOutAsync(process, build, "pending", Pending);
        ended.Note.Should().Contain("no fault of the change");
        Runner.Cancels.Should().ContainSingle();
    }

    [Fact]
    public async Task A_build_that_runs_too_long_fails_and_may_be_to_blame()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(TimeSpan.FromMinutes(2), FakeBuild.RunsUntilCancelled()));
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited);

        await RunForAsync(process, TimeSpan.FromMinutes(2) + Run + Seen);

        var ended = await ShouldHaveTimedOutAsync(process, build, "run", TimeSpan.FromMinutes(2) + Run);
        ended.Note.Should().Contain("may be to blame");
    }

    [Fact]
    public async Task A_build_whose_whole_time_is_over_fails_and_nobody_is_blamed()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited with { Timeout = Pending });

        await RunForAsync(process, Pending + Seen);

        (await ShouldHaveTimedOutAsync(process, build, "total", Pending)).Note.Should().NotContain("blame");
    }

    [Fact]
    public async Task A_build_that_is_in_time_at_each_step_succeeds()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(Pending - Seen, FakeBuild.Succeeds(Run - Seen)));
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited);

        await RunForAsync(process, Total);

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task Limits_of_the_runner_apply_where_the_submission_has_none()
    {
        Runner.EveryBuild(static request => request.Metadata.ContainsKey("waits") ? Waits : FakeBuild.RunsUntilCancelled());
        var process = await StartSlowAsync(static options => (options.PendingTimeout, options.RunTimeout) = (Pending, Run));
        var waits = Submissions.Of("waits", timeout: Total);
        var waiting = await process.Orchestrator.SubmitAsync(waits with { Request = waits.Request with { Metadata = [new("waits", "")] } });
        var running = await process.Orchestrator.SubmitAsync(Submissions.Of("runs", timeout: Total));
        var patient = await process.Orchestrator.SubmitAsync(Submissions.Of("patient", timeout: Total) with { RunTimeout = Total });

        await RunForAsync(process, Run + TimeSpan.FromMinutes(1));

        await ShouldHaveTimedOutAsync(process, waiting, "pending", Pending);
        await ShouldHaveTimedOutAsync(process, running, "run", Run);
        (await GetAsync(process, patient)).CancelCause.Should().Be(BuildCancelCause.None);
    }

    [Fact]
    public async Task What_waits_here_to_be_triggered_is_not_pending()
    {
        var process = await StartSlowAsync();
        using var outage = Runner.EveryTrigger(FakeFailure.Transient());
        var build = await process.Orchestrator.SubmitAsync(Limited);

        await RunForAsync(process, Total - Seen);
        (await GetAsync(process, build)).CancelCause.Should().Be(BuildCancelCause.None);
        await RunForAsync(process, TimeSpan.FromMinutes(5));

        await ShouldHaveTimedOutAsync(process, build, "total", Total);
    }

    [Fact]
    public async Task A_build_whose_worker_was_lost_is_not_pending_again_and_still_has_a_time_to_run()
    {
        Runner.NextBuild(FakeBuild.GoesThrough(new(BuildStatus.Running, TimeSpan.FromMinutes(1)), new(BuildStatus.Accepted, Timeout.InfiniteTimeSpan)));
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited);

        await RunForAsync(process, Run - Seen);
        (await GetAsync(process, build)).CancelCause.Should().Be(BuildCancelCause.None);
        await RunForAsync(process, 2 * Seen);

        await ShouldHaveTimedOutAsync(process, build, "run", Run);
    }

    [Fact]
    public async Task A_build_that_has_run_is_not_pending_although_it_waits_in_its_CI_again()
    {
        Runner.NextBuild(FakeBuild.GoesThrough(new(BuildStatus.Running, TimeSpan.FromMinutes(1)), new(BuildStatus.Accepted, 2 * Pending)));
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited with { RunTimeout = null });

        await RunForAsync(process, 3 * Pending);

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_runner_that_does_not_cancel_does_not_put_the_end_off_and_the_build_may_run_on()
    {
        Runner.NextBuild(Waits with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited);

        await RunForAsync(process, Pending + TimeSpan.FromMinutes(10));

        var ended = await GetAsync(process, build);
        ended.Metadata[BuildLimits.MetadataKey].Should().Be("pending");
        ended.Note.Should().Contain("may run on");
        (ended.EndedAt - ended.AcceptedAt).Should().BeGreaterThan(Pending + new BuildRunnerOptions().Grace);
    }

    [Fact]
    public async Task A_build_that_its_owner_has_cancelled_is_not_said_to_have_timed_out()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = TimeSpan.FromMinutes(2) });
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited);
        await RunForAsync(process, Run - TimeSpan.FromMinutes(1));

        await process.Orchestrator.CancelAsync(build.Id);
        await RunForAsync(process, TimeSpan.FromMinutes(3));

        var ended = await GetAsync(process, build);
        ended.Status.Should().Be(BuildStatus.Cancelled);
        ended.Metadata.ContainsKey(BuildLimits.MetadataKey).Should().BeFalse();
    }

    [Fact]
    public async Task The_owner_hears_that_the_runner_has_its_build()
    {
        Runner.NextBuild(Waits);
        var process = await StartSlowAsync();
        await process.Orchestrator.SubmitAsync(Limited);

        await process.DrainAsync();

        var seen = Observer.Seen.Should().ContainSingle().Which;
        seen.Status.Should().Be(BuildStatus.Accepted);
        seen.RemoteId.Should().NotBeNull();
        seen.AcceptedAt.Should().Be(Backend.Time.GetUtcNow());
    }

    [Fact]
    public async Task A_process_that_does_not_know_the_limits_of_the_runner_leaves_them_to_one_that_does()
    {
        Runner.NextBuild(Waits);
        var first = await StartSlowAsync(static options => options.PendingTimeout = Pending);
        var build = await first.Orchestrator.SubmitAsync(Submissions.Of(timeout: Total));
        await first.DrainAsync();
        var second = await StartAsync((stage, _) => stage.AddObserver(Observer));
        await Backend.AdvanceAsync(Pending);

        (await second.StepAsync(BuildTopics.Deadline)).Count.Should().Be(1);
        await RunForAsync(first, Seen);

        await ShouldHaveTimedOutAsync(first, build, "pending", Pending);
    }

    [Fact]
    public async Task A_limit_holds_although_each_process_dies_before_it()
    {
        Runner.NextBuild(Waits);
        var first = await StartSlowAsync();
        var build = await first.Orchestrator.SubmitAsync(Limited);
        await first.DrainAsync();
        first.Crash();

        var second = await StartSlowAsync();
        await RunForAsync(second, Pending + Seen);

        await ShouldHaveTimedOutAsync(second, build, "pending", Pending);
    }

    [Fact]
    public async Task While_the_runner_is_held_a_pending_build_has_time_and_a_running_one_has_not()
    {
        Runner.EveryBuild(static request => request.Metadata.ContainsKey("waits") ? Waits : FakeBuild.RunsUntilCancelled());
        var process = await StartSlowAsync();
        var waits = Limited with { Key = "waits", Request = Limited.Request with { Metadata = [new("waits", "")] } };
        var waiting = await process.Orchestrator.SubmitAsync(waits);
        var running = await process.Orchestrator.SubmitAsync(Limited);
        await process.DrainAsync();

        await SaveAsync(new RunnerControl { HeldSince = Backend.Time.GetUtcNow() });
        await RunForAsync(process, Hold);
        (await GetAsync(process, waiting)).CancelCause.Should().Be(BuildCancelCause.None);
        await ShouldHaveTimedOutAsync(process, running, "run", Run);
        await SaveAsync(new RunnerControl { HeldBefore = Hold });
        await RunForAsync(process, Pending + Seen);

        await ShouldHaveTimedOutAsync(process, waiting, "pending", Pending + Hold);
    }

    [Fact]
    public async Task While_the_runner_is_held_the_whole_time_of_a_pending_build_is_kept()
    {
        Runner.NextBuild(Waits with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartSlowAsync();
        var build = await process.Orchestrator.SubmitAsync(Limited with { Timeout = Pending + Seen });
        await process.DrainAsync();
        await SaveAsync(new RunnerControl { HeldSince = Backend.Time.GetUtcNow() });

        await RunForAsync(process, Pending + Seen - Instant);
        (await GetAsync(process, build)).CancelCause.Should().Be(BuildCancelCause.None);
        await RunForAsync(process, Instant);

        (await GetAsync(process, build)).Should().Match<Build>(it => it.CancelCause == BuildCancelCause.Deadline && it.Bookkeeping.TimeoutOf == TimeoutOf.Total);
    }

    [Fact]
    public async Task While_the_runner_is_held_the_whole_time_of_what_was_not_triggered_stands_still_and_is_looked_at_once_a_minute()
    {
        var process = await StartSlowAsync();
        using var outage = Runner.EveryTrigger(FakeFailure.Transient());
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Pending));
        await SaveAsync(new RunnerControl { HeldSince = Backend.Time.GetUtcNow().AddMilliseconds(1) });
        var looks = 0;
        process.Hook.OnCallAsync = call =>
        {
            looks += call is { Topic: BuildTopics.Deadline, Member: "store.read", IsDone: true } ? 1 : 0;
            return Task.CompletedTask;
        };

        await RunForAsync(process, Hold);
        (await GetAsync(process, build)).Status.IsTerminal().Should().BeFalse();
        await SaveAsync(new RunnerControl { HeldBefore = Hold });
        await RunForAsync(process, Pending + TimeSpan.FromMinutes(7));

        (await GetAsync(process, build)).Metadata[BuildLimits.MetadataKey].Should().Be("total");
        looks.Should().BeLessThan(45);
    }

    // Each poll is a statement.
    private Task<StageProcess> StartSlowAsync(Action<BuildRunnerOptions>? configure = null) => StartAsync(configure: options =>
    {
        options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromSeconds(15);
        configure?.Invoke(options);
    });

    // As the one who holds the runner does.
    private async Task SaveAsync(RunnerControl control)
    {
        var (_, store) = await OpenAsync();
        var before = (await store.ReadDocumentsAsync([DocumentNames.OfRunner(StageBuilderExtensions.Ci)], CancellationToken.None)).Documents;
        (await store.TryCommitAsync(new() { Documents = [control.Write(StageBuilderExtensions.Ci, before is [var known] ? known : null)] }, CancellationToken.None)).Should().BeTrue();
    }

    private static async Task<Build> ShouldHaveTimedOutAsync(StageProcess process, Build build, string limit, TimeSpan after)
    {
        var ended = await GetAsync(process, build);
        ended.Status.Should().Be(BuildStatus.Failed);
        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        ended.Metadata[BuildLimits.MetadataKey].Should().Be(limit);
        (ended.EndedAt - ended.CreatedAt).Should().BeGreaterThanOrEqualTo(after).And.BeLessThan(after + TimeSpan.FromMinutes(5));
        return ended;
    }
}
