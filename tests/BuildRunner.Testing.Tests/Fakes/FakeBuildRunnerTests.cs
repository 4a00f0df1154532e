namespace BuildRunner.Testing.Tests;

/// <summary>The fake as a whole: the script of each build, the recorded calls, concurrent callers.</summary>
public sealed class FakeBuildRunnerTests : FakeTestBase
{
    [Fact]
    public async Task Scripts_are_used_up_in_order_and_then_the_one_for_every_build()
    {
        Runner.EveryBuild(request => request.Base.Count > 0 ? FakeBuild.Fails() : FakeBuild.RunsUntilCancelled());
        Runner.NextBuild(FakeBuild.Succeeds());
        Runner.NextBuild(FakeBuild.WaitsFor(Minute, FakeBuild.Succeeds()));

        BuildId[] builds = [await TriggerAsync(), await TriggerAsync(), await TriggerAsync(), await Runner.TriggerAsync([First], [Second])];

        (await Task.WhenAll(builds.Select(StatusAsync))).Should().Equal(BuildStatus.Succeeded, BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Failed);
    }

    [Fact]
    public async Task A_rejected_request_creates_nothing_and_uses_up_no_script()
    {
        Runner.NextBuild(FakeBuild.Fails());
        Runner.Reject(request => request.Head.Contains(Second) ? "not this one" : null);

        var exception = (await FluentActions.Awaiting(() => Runner.TriggerAsync([], [Second])).Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        exception.IsTransient.Should().BeFalse();
        Runner.CreatedBuilds.Should().Be(0);
        Runner.Triggers.Should().Equal(new FakeTrigger(new BuildRequest { Head = [Second] }, buildId: null));
        (await StatusAsync(await TriggerAsync())).Should().Be(BuildStatus.Failed);
    }

    [Fact]
    public async Task What_was_asked_is_recorded_in_order()
    {
        BuildRequest request = new() { Head = [First], Metadata = [new("queue", "main")] };
        var first = await Runner.TriggerAsync(request);
        var second = await Runner.TriggerAsync([First], [Second]);

        await Runner.StatusAsync(second);
        await Runner.StatusAsync(first);
        await Runner.CancelAsync(second);
        await FluentActions.Awaiting(() => Runner.StatusAsync(new BuildId("nobody"))).Should().ThrowAsync<BuildNotFoundException>();

        Runner.Triggers.Should().Equal(new FakeTrigger(request, first), new FakeTrigger(new BuildRequest { Base = [First], Head = [Second] }, second));
        Runner.StatusCalls.Should().Equal(second, first, new BuildId("nobody"));
        Runner.Cancels.Should().Equal(second);
    }

    [Fact]
    public async Task A_record_does_not_change_when_it_has_been_read()
    {
        var before = Runner.Triggers;

        await TriggerAsync();

        before.Should().BeEmpty();
    }

    [Fact]
    public async Task A_restarted_runner_knows_builds_scripts_failures_and_records()
    {
        var buildId = await TriggerAsync(FakeBuild.RunsUntilCancelled());
        Runner.NextBuild(FakeBuild.Fails());
        Runner.NextStatus(FakeFailure.Permanent());

        var restarted = Runner.Restart();

        await FluentActions.Awaiting(() => restarted.StatusAsync(buildId)).Should().ThrowAsync<BuildRunnerException>();
        (await restarted.StatusAsync(await restarted.TriggerAsync([], []))).Status.Should().Be(BuildStatus.Failed);
        await restarted.CancelAsync(buildId);
        (await StatusAsync(buildId)).Should().Be(BuildStatus.Cancelled);
        restarted.Triggers.Should().Equal(Runner.Triggers).And.HaveCount(2);
    }

    [Fact]
    public async Task Two_runners_know_nothing_of_each_other()
    {
        var buildId = await TriggerAsync();

        Func<Task> act = () => new FakeBuildRunner(Clock).StatusAsync(buildId);

        await act.Should().ThrowAsync<BuildNotFoundException>();
    }

    [Theory(Timeout = 600_000)]
    [InlineData(BuildStatus.Succeeded)]
    [InlineData(BuildStatus.Failed)]
    [InlineData(BuildStatus.Cancelled)]
    public async Task A_caller_waits_for_it_on_its_clock(BuildStatus end)
    {
        PacedClock clock = new();
        FakeBuildRunner runner = new(clock);
        runner.NextBuild(FakeBuild.WaitsFor(Minute, FakeBuild.Succeeds(after: Minute) with { End = end, PollAfter = Minute }));
        runner.NextStatus(FakeFailure.RateLimited(Minute));
        var buildId = await runner.TriggerAsync([], [First]);
        var wait = runner.WaitForCompletionAsync(buildId, new BuildWaitOptions { TimeProvider = clock }, TestContext.Current.CancellationToken);

        wait.IsCompleted.Should().BeFalse();
        while (!wait.IsCompleted)
        {
            await clock.PaceAsync(wait, TestContext.Current.CancellationToken);
        }

        (await wait).Status.Should().Be(end);
        runner.StatusCalls.Should().Equal([buildId, buildId, buildId], "it was refused, was running and had ended");
    }

    [Fact(Timeout = 600_000)]
    public async Task It_may_be_called_by_many_threads()
    {
        const int Threads = 8;
        const int Builds = 500;
        Runner.EveryBuild(request => request.Base.Count > 0 ? FakeBuild.Fails() : FakeBuild.RunsUntilCancelled());
        using var start = new Barrier(Threads);
        var calls = Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return Enumerable.Range(0, Builds).Select(build => Drive(thread, build)).ToList();
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));

        var driven = (await Task.WhenAll(calls)).SelectMany(each => each).ToList();

        driven.Select(each => each.Own).Should().OnlyHaveUniqueItems();
        driven.Should().OnlyContain(each => each.Failed == BuildStatus.Failed && each.Cancelled == BuildStatus.Cancelled);
        driven.GroupBy(each => each.Build).Should().OnlyContain(group => group.Select(each => each.Shared).Distinct().Count() == 1);
        Runner.CreatedBuilds.Should().Be((2 * Threads * Builds) + Builds);
        (Runner.Triggers.Count, Runner.StatusCalls.Count, Runner.Cancels.Count).Should().Be((3 * Threads * Builds, 2 * Threads * Builds, Threads * Builds));
    }

    [Fact]
    public async Task Default_ids_and_null_are_refused()
    {
        Func<Task>[] withDefault = [() => Runner.StatusAsync(default), () => Runner.CancelAsync(default), () => Runner.OpenLogAsync(default)];
        Func<Task>[] withNull = [() => Runner.TriggerAsync(null!), () => Runner.FindAsync(null!)];
        Action[] scripts =
        [
            () => Runner.NextBuild(null!),
            () => Runner.EveryBuild(null!),
            () => Runner.Reject(null!),
            () => Runner.NextTrigger(null!),
            () => Runner.NextStatus(null!),
            () => Runner.NextCancel(null!),
            () => Runner.EveryTrigger(null!),
            () => Runner.EveryStatus(null!),
            () => Runner.EveryCancel(null!),
        ];

        await Task.WhenAll(withDefault.Select(call => call.Should().ThrowExactlyAsync<ArgumentException>()));
        await Task.WhenAll(withNull.Select(call => call.Should().ThrowExactlyAsync<ArgumentNullException>()));
        scripts.Should().AllSatisfy(script => script.Should().ThrowExactly<ArgumentNullException>());
    }

    private (BuildId Own, BuildId Shared, int Build, BuildStatus Failed, BuildStatus Cancelled) Drive(int thread, int build)
    {
        var failing = Runner.TriggerAsync([First], [new Change($"my:{thread}-{build}")]).Result;
        var running = Runner.TriggerAsync([], [First]).Result;
        var shared = Runner.TriggerAsync(Keyed($"key-{build}")).Result;
        var failed = Runner.StatusAsync(failing).Result.Status;
        Runner.CancelAsync(running).Wait();
        return (failing, shared, build, failed, Runner.StatusAsync(running).Result.Status);
    }
}
