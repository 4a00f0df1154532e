namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O10_PushIsPollTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Theory]
    [InlineData("ci", "fake-99")]
    [InlineData("another", "fake-1")]
    [InlineData("", "fake-1")]
    public async Task A_signal_for_a_build_that_is_not_known_is_refused(string runner, string buildId)
    {
        var (process, _) = await StartRunningAsync();

        var known = await process.Orchestrator.SignalAsync(runner, new BuildId(buildId));

        known.Should().BeFalse();
        (await process.StepAsync(SignalTopic)).Count.Should().Be(0);
    }

    [Fact]
    public async Task A_signal_for_no_build_is_refused()
    {
        var (process, _) = await StartRunningAsync();

        (await process.Orchestrator.SignalAsync("ci", default)).Should().BeFalse();
    }

    [Fact]
    public async Task A_signal_before_the_id_is_known_is_refused_and_the_build_polled_at_its_time()
    {
        Runner.NextTrigger(FakeFailure.AnswerLost());
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.DrainAsync();

        var known = await process.Orchestrator.SignalAsync("ci", Runner.Triggers[0].BuildId!.Value);
        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(5));

        known.Should().BeFalse();
        (await GetAsync(process, submitted)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_signal_for_a_build_that_has_ended_does_nothing()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        await RunForAsync(process, TimeSpan.FromMinutes(2));
        var polls = Runner.StatusCalls.Count;
        List<string> calls = [];
        process.Hook.OnCallAsync = call =>
        {
            calls.Add(call.Member);
            return Task.CompletedTask;
        };

        var known = await process.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value);
        await process.DrainAsync();

        known.Should().BeTrue();
        calls.Should().NotContain("queue.publish");
        Runner.StatusCalls.Should().HaveCount(polls);
    }

    [Fact]
    public async Task A_signal_has_the_build_polled_after_half_a_second_and_the_loop_goes_on()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        await SignalAsync(process, build);
        await process.DrainAsync();

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task What_a_signal_says_is_not_believed()
    {
        var (process, build) = await StartRunningAsync();
        var told = Observer.Seen.Count;

        await SignalAsync(process, build);
        await process.DrainAsync();

        (await GetAsync(process, build)).Should().Be(build);
        Observer.Seen.Should().HaveCount(told);
    }

    [Fact]
    public async Task A_flood_of_signals_causes_one_poll()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });
        var polls = Runner.StatusCalls.Count;

        await SignalAsync(process, build, 200);
        await RunForAsync(process, TimeSpan.FromMinutes(5));

        Runner.StatusCalls.Should().HaveCount(polls + 1);
    }

    [Fact]
    public async Task A_flood_of_signals_during_a_poll_causes_one_more_after_it()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(5) });
        var polls = Runner.StatusCalls.Count;
        await SignalAsync(process, build);
        var hold = Hold.Before(process, "runner.status");
        var step = process.StepAsync(SignalTopic);
        await hold.Reached;
        await SignalAsync(process, build, 200);
        hold.Release();
        await step;

        await RunForAsync(process, TimeSpan.FromMinutes(4));

        Runner.StatusCalls.Should().HaveCount(polls + 2);
    }

    [Fact]
    public async Task A_thousand_signals_in_a_second_cause_polls_half_a_second_apart_however_many_processes_poll()
    {
        var (first, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });
        StageProcess[] processes = [first, await StartAsync()];
        List<DateTimeOffset> polls = [];
        Array.ForEach(processes, process => process.Hook.OnCallAsync = call =>
        {
            polls.AddRange(call == new StageCall("runner.status", IsDone: false) ? [Backend.Time.GetUtcNow()] : []);
            return Task.CompletedTask;
        });

        for (var signal = 0; signal < 1000; signal++)
        {
            await first.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value);
            if (signal % 20 == 0)
            {
                await Backend.AdvanceAsync(TimeSpan.FromMilliseconds(20));
                await processes[signal / 20 % 2].DrainAsync();
            }
        }

        await RunForAsync(first, TimeSpan.FromMinutes(1));

        polls.Should().HaveCountGreaterThan(1).And.HaveCountLessThan(4);
        polls.Zip(polls.Skip(1), static (one, next) => next - one).Should().OnlyContain(static pause => pause >= TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task A_flood_of_signals_does_not_shorten_the_pause_after_an_error()
    {
        var (process, build) = await StartRunningAsync();
        Runner.NextStatus(FakeFailure.RateLimited(TimeSpan.FromMinutes(5)));
        await RunForAsync(process, TimeSpan.FromSeconds(3));
        var polls = Runner.StatusCalls.Count;

        for (var second = 0; second < 100; second++)
        {
            await SignalAsync(process, build, 10);
            await RunForAsync(process, TimeSpan.FromSeconds(1));
        }

        Runner.StatusCalls.Should().HaveCount(polls);
    }

    [Fact]
    public async Task The_same_id_of_two_runners_is_that_of_two_builds()
    {
        FakeBuildRunner other = new(Backend.Time);
        Runner.NextBuild(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });
        other.NextBuild(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });
        var process = await StartAsync((stage, hook) => stage.AddRunner(hook, Runner).AddRunner(hook, other, name: "other"));
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.Orchestrator.SubmitAsync(Submissions.Of(key: "build-2", runner: "other"));
        await process.DrainAsync();
        var polls = (Runner.StatusCalls.Count, other.StatusCalls.Count);

        await SignalAsync(process, (await GetAsync(process, build)) with { Runner = "other" });
        await process.DrainAsync();

        (Runner.StatusCalls.Count, other.StatusCalls.Count).Should().Be((polls.Item1, polls.Item2 + 1));
    }

    [Fact]
    public async Task A_signal_is_answered_by_no_read_that_began_before_it_whichever_process_polls()
    {
        var (submitter, poller, build) = await StartSharingAsync();
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        await SignalAsync(submitter, build);
        await poller.DrainAsync();

        (await GetAsync(poller, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_end_is_seen_within_a_second_of_its_signal_whichever_process_polls_and_however_seldom()
    {
        var (submitter, poller, build) = await StartSharingAsync(TimeSpan.FromMinutes(1));
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(5));
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        (await submitter.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value)).Should().BeTrue();
        await RunForAsync(poller, TimeSpan.FromSeconds(1));

        (await GetAsync(poller, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_poll_that_nobody_has_signalled_may_be_answered_by_an_earlier_read()
    {
        var (_, poller, build) = await StartSharingAsync();
        var reads = Runner.StatusCalls.Count;

        await RunForAsync(poller, TimeSpan.FromSeconds(6));

        Runner.StatusCalls.Should().HaveCount(reads, "it is fresh for ten seconds");
        (await GetAsync(poller, build)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_signal_that_comes_before_the_service_shows_the_end_has_the_build_asked_for_once_more_after_the_freshness()
    {
        var (submitter, poller, build) = await StartSharingAsync(TimeSpan.FromMinutes(10));
        await SignalAsync(submitter, build);
        await poller.DrainAsync();
        var early = await GetAsync(poller, build);
        Runner.MoveTo(build.RemoteId!.Value, BuildStatus.Succeeded);

        await RunForAsync(poller, (1.2 * SharedReads.OfTests) + TimeSpan.FromSeconds(1));

        early.Status.Should().Be(BuildStatus.Running);
        (await GetAsync(poller, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task Signals_that_fail_again_and_again_end_no_build()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.RunsUntilCancelled() with { PollAfter = TimeSpan.FromMinutes(10) });
        await SignalAsync(process, build);

        await BuryAsync(process, SignalTopic);
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Running);
    }

    // A build that one process has polled a second ago, and another that signals and does nothing else.
    private async Task<(StageProcess Submitter, StageProcess Poller, Build Build)> StartSharingAsync(TimeSpan? pollAfter = null)
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled() with { PollAfter = pollAfter });
        void Add(BuildOrchestrationBuilder stage)
        {
            stage.Services.AddKeyedSingleton<IBuildRunner>("ci", new SharedReads(Runner, Backend.Time));
            stage.AddRunner("ci", static options => options.CallsPerSecond = null).IgnoreChanges();
        }

        var submitter = await StartAsync((stage, _) => Add(stage));
        var poller = await StartAsync((stage, _) => Add(stage));
        var submitted = await submitter.Orchestrator.SubmitAsync(Submissions.Of());
        await poller.DrainAsync();
        await Backend.AdvanceAsync(TimeSpan.FromSeconds(1));
        var build = await GetAsync(poller, submitted);
        build.Status.Should().Be(BuildStatus.Running);
        return (submitter, poller, build);
    }
}
