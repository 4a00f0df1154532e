namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O09_EveryBuildEndsTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Grace = new BuildRunnerOptions().Grace;

    // For how long a runner may be asked a last time: for its turn, and for three calls. It is that of the process, which may know nothing of the runner.
    private static readonly TimeSpan LastCall = TimeSpan.FromMinutes(1) + (3 * new BuildRunnerOptions().CallTimeout);

    // After an error.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    // For how long a process that does not know the runner leaves the deadline to one that does.
    private static readonly TimeSpan Left = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_build_ends_although_every_call_of_its_runner_hangs()
    {
        var (process, build) = await StartRunningAsync(timeout: BuildTimeout);

        while (!(await GetAsync(process, build)).Status.IsTerminal() && Backend.Time.GetUtcNow() < StageBackend.Start + BuildTimeout + Grace + LastCall + TimeSpan.FromMinutes(2))
        {
            await StepHangingAsync(process);
            await RunToNextAsync(process);
        }

        await ShouldHaveEndedInTimeAsync(process, build);
    }

    // More builds than close the gate.
    [Fact]
    public async Task Builds_end_in_time_although_each_call_fails_and_their_runner_is_taken_to_be_away()
    {
        const int Count = 6;
        var (timeout, grace, pause) = (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10));
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartAsync(configure: options => (options.Grace, options.MaxRetryDelay) = (grace, pause));
        var submitted = await SubmitManyAsync(process, Count, timeout);
        await process.DrainAsync();
        using var polls = Runner.EveryStatus(FakeFailure.Transient());
        using var cancels = Runner.EveryCancel(FakeFailure.Transient());
        var before = Runner.StatusCalls.Count;

        await RunForAsync(process, timeout);

        // Alone, each is asked after every pause.
        (Runner.StatusCalls.Count - before).Should().BeLessThan(Count * (int)(timeout / pause), "most calls are held back");

        // The last call waits for the pause of the build, and as long as the grace for its turn.
        var lastCall = pause + grace + (2 * CallTimeout);
        await RunForAsync(process, grace + lastCall);

        foreach (var build in submitted)
        {
            var ended = await GetAsync(process, build);
            (ended.Status, KindOf(ended)).Should().Be((BuildStatus.Failed, BuildFailureKinds.Timeout));
            ended.EndedAt.Should().BeOnOrBefore(build.Deadline + grace + lastCall);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_that_has_ended_while_no_process_was_there_is_asked_for_before_it_is_judged(bool isKnown)
    {
        var process = await StartInGraceAsync(isKnown);
        await Backend.AdvanceAsync(2 * Grace);

        await process.StepAsync(BuildTopics.Deadline);
        var build = (await process.Orchestrator.ListAsync()).Builds.Should().ContainSingle().Which;
        await RunForAsync(process, LastCall);

        build.Status.IsTerminal().Should().BeFalse("nobody has asked");
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
        await RunForAsync(process, TimeSpan.FromHours(1));
        Observer.Seen.Where(seen => seen.Status.IsTerminal()).Select(seen => seen.Version).Distinct().Should().ContainSingle();
    }

    [Fact]
    public async Task A_process_that_dies_between_two_such_looks_leaves_it_at_one()
    {
        var process = await StartInGraceAsync(isKnown: true);
        using var outage = Runner.EveryStatus(FakeFailure.Transient());
        await Backend.AdvanceAsync(2 * Grace);
        await process.StepAsync(BuildTopics.Deadline);
        process.Crash();

        var second = await StartAsync();
        await RunForAsync(second, LastCall + TimeSpan.FromMinutes(1));

        KindOf((await second.Orchestrator.ListAsync()).Builds.Single()).Should().Be(BuildFailureKinds.Timeout);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_whose_runner_is_never_set_up_ends_and_says_why(bool isTriggered)
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: BuildTimeout));
        if (isTriggered)
        {
            await process.DrainAsync();
        }

        process.Hook.OnCallAsync = static call => call.Member.StartsWith("runner.", StringComparison.Ordinal) ? throw new BuildRunnerConfigurationException("The token was refused.") : Task.CompletedTask;
        await RunForAsync(process, BuildTimeout + Grace + LongestPause + LastCall);

        var ended = await GetAsync(process, submitted);
        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        ended.Note.Should().Contain("The token was refused.");
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_build_whose_trigger_hangs_ends()
    {
        var process = await StartAsync(finds: false);
        using var hang = Runner.NextTrigger(FakeFailure.Hangs());
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: BuildTimeout));
        var step = process.StepAsync(TriggerTopic);
        await hang.Reached;
        await Backend.AdvanceAsync(CallTimeout);
        await step;

        await RunForAsync(process, BuildTimeout);

        (await GetAsync(process, submitted)).Status.Should().Be(BuildStatus.Failed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_build_ends_although_its_runner_was_removed_from_the_configuration(bool isTriggered)
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        var first = await StartAsync();
        var submitted = await first.Orchestrator.SubmitAsync(Submissions.Of(timeout: BuildTimeout));
        if (isTriggered)
        {
            await first.StepAsync();
        }

        var second = await StartWithoutRunnerAsync();
        await RunForAsync(second, BuildTimeout + Left + Grace + LastCall + TimeSpan.FromSeconds(1));

        await ShouldHaveEndedInTimeAsync(second, submitted, Left);
        Observer.Seen.Should().ContainSingle(seen => seen.Status.IsTerminal());
    }

    [Fact]
    public async Task A_build_ends_although_all_its_messages_are_dead_letters_that_nobody_takes()
    {
        var (first, build) = await StartRunningAsync(timeout: BuildTimeout);
        await BuryAsync(first, SignalTopic);

        var second = await StartWithoutRunnerAsync();
        await RunForAsync(second, BuildTimeout + Left + Grace + LastCall + TimeSpan.FromSeconds(1));

        await ShouldHaveEndedInTimeAsync(second, build, Left);
        (await CountDeadLettersAsync(SignalTopic)).Should().Be(1);
    }

    [Fact]
    public async Task A_build_ends_although_each_process_dies_again_and_again()
    {
        Runner.NextBuild(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartAsync();
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: BuildTimeout));
        for (var death = 0; death < 20; death++)
        {
            var calls = 0;
            process.Hook.OnCallAsync = _ =>
            {
                if (++calls > 7)
                {
                    process.Crash();
                }

                return Task.CompletedTask;
            };
            await process.RunUntilAsync(() => Task.FromResult(process.Hook.IsDead), TimeSpan.FromDays(1));
            process = await StartAsync();
            if ((await GetAsync(process, submitted)).Status.IsTerminal())
            {
                break;
            }
        }

        await RunForAsync(process, BuildTimeout + Grace + TimeSpan.FromMinutes(5));

        (await GetAsync(process, submitted)).Status.Should().Be(BuildStatus.Failed);
    }

    // The build succeeds in the grace although it was cancelled, and nobody has asked since the deadline.
    private async Task<StageProcess> StartInGraceAsync(bool isKnown)
    {
        Runner.NextBuild(FakeBuild.Succeeds(after: BuildTimeout + TimeSpan.FromMinutes(1)) with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        var process = await StartAsync();
        if (!isKnown)
        {
            Runner.NextTrigger(FakeFailure.AnswerLost());
        }

        await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: BuildTimeout));
        await process.StepAsync(TriggerTopic);
        await Backend.AdvanceAsync(BuildTimeout);
        await process.StepAsync(BuildTopics.Deadline);
        return process;
    }

    private Task<StageProcess> StartWithoutRunnerAsync() => StartAsync((stage, _) => stage.AddObserver(Observer));

    private static async Task ShouldHaveEndedInTimeAsync(StageProcess process, Build build, TimeSpan left = default)
    {
        var ended = await GetAsync(process, build);
        ended.Status.Should().Be(BuildStatus.Failed);
        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        ended.Note.Should().NotBeNullOrEmpty();
        (ended.UpdatedAt - ended.Deadline).Should().BeGreaterThanOrEqualTo(TimeSpan.Zero).And.BeLessThan(left + Grace + LastCall + TimeSpan.FromMinutes(1));
    }

    // What hangs is given up, and what does not is delivered.
    private async Task StepHangingAsync(StageProcess process)
    {
        foreach (var topic in process.Topics)
        {
            while (true)
            {
                using var cancel = Runner.NextCancel(FakeFailure.Hangs());
                using var status = Runner.NextStatus(FakeFailure.Hangs());
                var step = process.StepAsync(topic);
                List<Task> calls = [cancel.Reached, status.Reached];
                while (await Task.WhenAny([step, .. calls]) is var first && first != step)
                {
                    calls.Remove(first);
                    await Backend.AdvanceAsync(CallTimeout);
                }

                if ((await step).Count == 0)
                {
                    break;
                }
            }
        }
    }

    private async Task RunToNextAsync(StageProcess process)
    {
        var next = TimeSpan.FromMinutes(1);
        foreach (var topic in process.Topics.Where(static topic => topic is BuildTopics.Deadline or BuildTopics.Change))
        {
            var (_, due) = await process.StepAsync(topic);
            next = due < next ? due.Value : next;
        }

        await Backend.AdvanceAsync(next > TimeSpan.FromMilliseconds(1) ? next : TimeSpan.FromMilliseconds(1));
    }
}
