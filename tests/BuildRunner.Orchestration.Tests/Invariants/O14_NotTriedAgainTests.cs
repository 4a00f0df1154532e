namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O14_NotTriedAgainTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Theory]
    [InlineData(BuildFailureKinds.Rejected)]
    [InlineData(BuildFailureKinds.Conflict)]
    [InlineData(BuildFailureKinds.Blocked)]
    [InlineData(BuildFailureKinds.Skipped)]
    [InlineData(BuildFailureKinds.Timeout)]
    [InlineData(BuildFailureKinds.Code)]
    [InlineData("gremlins")]
    [InlineData("")]
    public async Task A_build_that_would_fail_again_is_not_tried_again(string kind)
    {
        Runner.NextBuild(FakeBuild.Fails(TimeSpan.FromSeconds(5)) with { Metadata = kind is "" ? BuildMetadata.Empty : [new(BuildMetadataKeys.FailureKind, kind)] });
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }

    [Fact]
    public async Task A_build_that_is_rejected_is_not_tried_again()
    {
        Runner.NextTrigger(FakeFailure.Permanent());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }

    [Theory]
    [InlineData(true, "run")]
    [InlineData(false, "total")]
    public async Task A_build_that_runs_too_long_is_not_tried_again(bool isRunLimit, string limit)
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var minute = TimeSpan.FromMinutes(1);
        var build = await process.Orchestrator.SubmitAsync(isRunLimit ? Submissions.Of(timeout: Retries.Total) with { RunTimeout = minute } : Submissions.Of(timeout: minute));

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1)).Metadata[BuildLimits.MetadataKey].Should().Be(limit);
    }

    [Fact]
    public async Task A_build_that_may_run_on_is_not_tried_again()
    {
        Runner.NextBuild(FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds()) with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total) with { PendingTimeout = TimeSpan.FromMinutes(1) });

        await RunForAsync(process, TimeSpan.FromMinutes(30));

        (await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1)).Metadata[BuildLimits.MetadataKey].Should().Be("pending");
    }

    [Fact]
    public async Task A_build_that_its_owner_cancels_is_not_tried_again()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await process.DrainAsync();

        await process.Orchestrator.CancelAsync(build.Id);
        await RunForAsync(process, TimeSpan.FromMinutes(10));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Cancelled, attempts: 1);
    }

    [Fact]
    public async Task A_build_that_its_owner_cancels_between_two_attempts_ends_at_once()
    {
        Runner.NextBuild(Retries.Infra);
        var process = await StartAsync(configure: static options => options.Retry = Retries.Three with { Delay = TimeSpan.FromMinutes(5) });
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await RunForAsync(process, TimeSpan.FromSeconds(30));
        (await GetAsync(process, build)).Attempt.Should().Be(2);

        await process.Orchestrator.CancelAsync(build.Id);
        await process.DrainAsync();

        await ShouldHaveEndedAsync(process, build, BuildStatus.Cancelled, attempts: 2);
        Runner.Triggers.Should().ContainSingle();
    }

    [Theory]
    [InlineData(BuildCancelCause.Caller)]
    [InlineData(BuildCancelCause.Superseded)]
    [InlineData(BuildCancelCause.Group)]
    public async Task A_build_that_is_cancelled_while_its_attempt_is_not_run_in_time_is_not_tried_again(BuildCancelCause cause)
    {
        Runner.EveryBuild(static _ => FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds()));
        var process = await StartAsync(configure: static options => (options.PendingTimeout, options.Retry) = (TimeSpan.FromMinutes(1), Retries.Three));
        var id = cause == BuildCancelCause.Group
            ? (await process.Orchestrator.SubmitGroupAsync(new() { Key = "group", Required = [Submissions.Of("old")] })).Members[0].BuildId
            : (await process.Orchestrator.SubmitAsync(Submissions.Of("old"))).Id;
        process.Hook.OnCallAsync = async call =>
        {
            if (call == new StageCall("runner.cancel", IsDone: false))
            {
                process.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await (cause switch
                {
                    BuildCancelCause.Caller => process.Orchestrator.CancelAsync(id),
                    BuildCancelCause.Superseded => (Task)process.Orchestrator.SubmitAsync(Submissions.Of("new") with { Supersedes = new() { Key = "old" } }),
                    _ => process.Orchestrator.CancelGroupAsync("group"),
                });

                // Before the attempt ends: later its group would cancel the next one.
                await process.StepAsync(BuildTopics.Group);
            }
        };

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        var ended = (await process.Orchestrator.GetAsync(id))!;
        (ended.Status, ended.CancelCause).Should().Be((BuildStatus.Cancelled, cause));
        Runner.Triggers.Should().ContainSingle(trigger => trigger.Request.TriggerKey!.StartsWith(id.ToString()));
    }

    [Fact]
    public async Task A_build_whose_message_is_a_dead_letter_is_not_tried_again()
    {
        var process = await StartRetryingAsync();
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: Retries.Total));
        await BuryAsync(process, TriggerTopic);

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        KindOf(await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1)).Should().Be(BuildFailureKinds.Infra);
    }

    [Fact]
    public async Task A_build_that_would_have_no_time_left_is_not_tried_again()
    {
        Runner.NextBuild(Retries.Infra);
        var process = await StartAsync(configure: static options => options.Retry = Retries.Three with { Delay = TimeSpan.FromMinutes(10) });
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(4)));

        await RunForAsync(process, TimeSpan.FromMinutes(2));

        await ShouldHaveEndedAsync(process, build, BuildStatus.Failed, attempts: 1);
    }
}
