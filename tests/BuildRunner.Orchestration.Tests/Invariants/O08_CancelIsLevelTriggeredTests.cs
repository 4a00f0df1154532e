namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O08_CancelIsLevelTriggeredTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task Every_poll_sends_the_cancel_again_until_the_build_has_ended()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = TimeSpan.FromMinutes(1) });
        var before = Runner.StatusCalls.Count;
        await process.Orchestrator.CancelAsync(build.Id);

        await RunForAsync(process, TimeSpan.FromMinutes(2));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
        Runner.Cancels.Count.Should().BeGreaterThan(20).And.Be(Runner.StatusCalls.Count - before);
    }

    [Fact]
    public async Task A_cancel_that_did_not_arrive_is_sent_by_the_next_poll()
    {
        var (process, build) = await StartRunningAsync();
        Runner.NextCancel(FakeFailure.TimesOut());
        await process.Orchestrator.CancelAsync(build.Id);

        await RunForAsync(process, TimeSpan.FromSeconds(10));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
        Runner.Cancels.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_is_sent_by_the_process_after_the_one_that_died_at_it(bool isDone)
    {
        var (first, build) = await StartRunningAsync();
        await first.Orchestrator.CancelAsync(build.Id);
        first.Hook.OnCallAsync = call =>
        {
            if (call == new StageCall("runner.cancel", isDone))
            {
                first.Crash();
            }

            return Task.CompletedTask;
        };
        await first.DrainAsync();

        var second = await StartAsync();
        await RunForAsync(second, TimeSpan.FromMinutes(1));

        (await GetAsync(second, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_while_the_trigger_is_under_way_reaches_the_build_that_it_creates()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        var hold = Hold.After(process, "runner.trigger");
        var step = process.StepAsync(TriggerTopic);
        await hold.Reached;
        await process.Orchestrator.CancelAsync(submitted.Id);
        hold.Release();
        await step;

        await RunForAsync(process, TimeSpan.FromSeconds(1));

        (await GetAsync(process, submitted)).Should().Match<Build>(build => build.Status == BuildStatus.Cancelled && build.RemoteId != null);
        Runner.Cancels.Should().ContainSingle();
    }

    [Fact]
    public async Task A_cancel_is_looked_at_at_once_and_not_at_the_next_poll()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });

        await process.Orchestrator.CancelAsync(build.Id);
        await process.DrainAsync();

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_that_succeeds_although_it_was_cancelled_has_succeeded()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromSeconds(30)) with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        await process.Orchestrator.CancelAsync(build.Id);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        (await GetAsync(process, build)).Should().Match<Build>(ended => ended.Status == BuildStatus.Succeeded && ended.CancelCause == BuildCancelCause.Caller);
    }
}
