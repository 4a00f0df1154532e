namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O06_TransientErrorsTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task An_outage_of_the_status_makes_no_dead_letters_and_the_builds_go_on_after_it()
    {
        Runner.EveryBuild(_ => FakeBuild.Succeeds(after: TimeSpan.FromMinutes(5)));
        var process = await StartAsync();
        await SubmitAsync(process, 10);
        await process.StepAsync();
        var outage = Runner.EveryStatus(FakeFailure.Transient());

        await RunForAsync(process, Outage);
        var deadLetters = await CountDeadLettersAsync();
        var calls = Runner.StatusCalls.Count;
        outage.Dispose();
        await RunForAsync(process, TimeSpan.FromMinutes(2));

        deadLetters.Should().Be(0);
        calls.Should().BeGreaterThan(10);
        (await process.Orchestrator.ListAsync()).Builds.Should().HaveCount(10).And.OnlyContain(build => build.Status == BuildStatus.Succeeded && build.Bookkeeping.ErrorsInARow == 0);
    }

    [Fact]
    public async Task An_outage_burns_no_attempts_so_that_as_many_faults_of_our_own_are_survived_as_before()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(5)));
        var outage = Runner.EveryStatus(FakeFailure.Transient());
        await RunForAsync(process, Outage);
        outage.Dispose();
        await Backend.AdvanceAsync(TimeSpan.FromMinutes(2));

        process.Hook.OnCallAsync = static call => call.Member == "store.read" ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        for (var faults = 0; faults < 4;)
        {
            faults += (await process.StepAsync(SignalTopic)).Count;
            await Backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await RunForAsync(process, TimeSpan.FromMinutes(2));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_outage_of_the_trigger_makes_no_dead_letters_and_each_build_is_created_once_after_it()
    {
        var outage = Runner.EveryTrigger(FakeFailure.Transient());
        var process = await StartAsync(new CreatingRunner(Runner));
        await SubmitAsync(process, 10);

        await RunForAsync(process, Outage);
        var deadLetters = await CountDeadLettersAsync();
        var during = (await process.Orchestrator.ListAsync()).Builds;
        outage.Dispose();
        await RunForAsync(process, TimeSpan.FromMinutes(2));

        deadLetters.Should().Be(0);
        during.Should().OnlyContain(build => build.Bookkeeping.TriggerAttemptedAt == null && build.Bookkeeping.NotBefore != null, "the runner has said that it created nothing");
        (await process.Orchestrator.ListAsync()).Builds.Should().OnlyContain(build => build.Status == BuildStatus.Succeeded);
        Runner.CreatedBuilds.Should().Be(10);
    }

    [Fact]
    public async Task The_pauses_double_up_to_the_longest_and_half_of_each_is_random()
    {
        var (process, _) = await StartRunningAsync();
        List<DateTimeOffset> calls = [];
        process.Hook.OnCallAsync = call =>
        {
            if (call == new StageCall("runner.status", IsDone: false))
            {
                calls.Add(Backend.Time.GetUtcNow());
            }

            return Task.CompletedTask;
        };
        using var outage = Runner.EveryStatus(FakeFailure.Transient());

        await RunForAsync(process, Outage);

        var pauses = calls.Zip(calls.Skip(1), (earlier, later) => (later - earlier).TotalSeconds).ToList();
        double[] longest = [2, 4, 8, 16, 32, 60, 60, 60];
        for (var error = 0; error < longest.Length; error++)
        {
            pauses[error].Should().BeInRange(longest[error] / 2, longest[error] + 0.01);
        }
    }

    [Fact]
    public async Task Builds_that_failed_together_do_not_come_back_together()
    {
        Runner.EveryBuild(_ => FakeBuild.RunsUntilCancelled());
        var process = await StartAsync();
        await SubmitAsync(process, 10);
        Runner.NextStatus(FakeFailure.RateLimited(RetryAfter));
        await process.DrainAsync();
        var early = Runner.StatusCalls.Count;
        HashSet<DateTimeOffset> times = [];
        process.Hook.OnCallAsync = call =>
        {
            if (call == new StageCall("runner.status", IsDone: false))
            {
                times.Add(Backend.Time.GetUtcNow());
            }

            return Task.CompletedTask;
        };

        await RunForAsync(process, RetryAfter * 1.2);

        early.Should().Be(1);
        times.Count.Should().BeGreaterThan(5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_runner_asks_for_is_never_undercut_by_a_poll_and_not_by_a_signal_either(bool isSignalled)
    {
        var (process, build) = await StartRunningAsync();
        Runner.NextStatus(FakeFailure.RateLimited(RetryAfter));
        await RunForAsync(process, TimeSpan.FromSeconds(3));
        var calls = Runner.StatusCalls.Count;

        for (var minute = 0; minute < 9; minute++)
        {
            if (isSignalled)
            {
                await process.Orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value);
            }

            await RunForAsync(process, TimeSpan.FromMinutes(1));
        }

        var early = Runner.StatusCalls.Count;
        await RunForAsync(process, TimeSpan.FromMinutes(4));

        early.Should().Be(calls);
        Runner.StatusCalls.Count.Should().BeGreaterThan(calls);
    }

    [Fact]
    public async Task What_the_runner_asks_for_at_a_trigger_is_not_undercut()
    {
        Runner.NextTrigger(FakeFailure.RateLimited(RetryAfter));
        var process = await StartAsync();
        await SubmitAsync(process, 1);

        await RunForAsync(process, RetryAfter - TimeSpan.FromSeconds(1));
        var early = Runner.Triggers.Count;
        await RunForAsync(process, TimeSpan.FromMinutes(3));

        early.Should().Be(1);
        Runner.Triggers.Should().HaveCount(2);
    }

    [Fact]
    public async Task An_error_of_a_look_up_is_postponed_likewise()
    {
        Runner.NextTrigger(FakeFailure.AnswerLost());
        var process = await StartAsync();
        var submitted = await SubmitAsync(process, 1);
        var finds = 0;
        process.Hook.OnCallAsync = call => call == new StageCall("runner.find", IsDone: false) && ++finds == 1
            ? throw new BuildRunnerException("Too many requests.") { IsTransient = true, RetryAfter = RetryAfter }
            : Task.CompletedTask;

        await RunForAsync(process, RetryAfter);
        var early = (finds, Errors: (await GetAsync(process, submitted[0])).Bookkeeping.ErrorsInARow);
        await RunForAsync(process, TimeSpan.FromMinutes(4));

        early.Should().Be((1, 1));
        (await GetAsync(process, submitted[0])).Status.Should().Be(BuildStatus.Succeeded);
        Runner.Triggers.Should().ContainSingle();
    }

    [Fact]
    public async Task An_outage_of_the_look_up_makes_no_dead_letter()
    {
        Runner.NextTrigger(FakeFailure.AnswerLost());
        var process = await StartAsync();
        var submitted = await SubmitAsync(process, 1);
        process.Hook.OnCallAsync = call => call.Member == "runner.find" ? throw new HttpRequestException("The CI is away.") : Task.CompletedTask;

        await RunForAsync(process, Outage);
        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await RunForAsync(process, TimeSpan.FromMinutes(2));

        (await GetAsync(process, submitted[0])).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_cancel_that_fails_keeps_no_poll_from_being_made()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(5)));
        using var refusal = Runner.EveryCancel(FakeFailure.CancelRefused());
        await process.Orchestrator.CancelAsync(build.Id);

        await RunForAsync(process, TimeSpan.FromMinutes(6));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
        Runner.Cancels.Count.Should().BeGreaterThan(50);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task What_the_runner_asks_for_at_a_cancel_is_not_undercut()
    {
        var (process, build) = await StartRunningAsync();
        Runner.NextCancel(FakeFailure.RateLimited(RetryAfter));
        await process.Orchestrator.CancelAsync(build.Id);
        await process.StepAsync();
        var calls = Runner.StatusCalls.Count;

        await RunForAsync(process, RetryAfter - TimeSpan.FromSeconds(1));
        var early = (Cancels: Runner.Cancels.Count, Polls: Runner.StatusCalls.Count);
        await RunForAsync(process, TimeSpan.FromMinutes(3));

        early.Should().Be((1, calls));
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task Builds_wait_while_the_setup_of_their_runner_is_at_fault_and_go_on_by_themselves_when_it_is_mended()
    {
        var process = await StartAsync();
        var submitted = await SubmitAsync(process, 5);
        var calls = 0;
        process.Hook.OnCallAsync = call =>
        {
            calls += call == new StageCall("runner.trigger", IsDone: false) ? 1 : 0;
            return call.Member.StartsWith("runner.", StringComparison.Ordinal) ? throw new BuildRunnerConfigurationException("The token was refused.") : Task.CompletedTask;
        };

        await RunForAsync(process, TimeSpan.FromHours(1));
        var waiting = await Task.WhenAll(submitted.Select(build => GetAsync(process, build)));
        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await RunForAsync(process, TimeSpan.FromMinutes(6));

        waiting.Should().OnlyContain(build => !build.Status.IsTerminal() && build.Bookkeeping.TriggerAttemptedAt == null && build.Note!.Contains("The token was refused."));
        (calls / submitted.Count).Should().BeInRange(12, 30, "a pause is at most five minutes, and half of it is random");
        (await process.Orchestrator.ListAsync()).Builds.Should().OnlyContain(build => build.Status == BuildStatus.Succeeded && build.Note == null);
        Runner.Triggers.Should().HaveCount(5);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    [Fact]
    public async Task An_outage_without_end_is_bounded_by_the_deadline_alone()
    {
        var (process, build) = await StartRunningAsync(timeout: TimeSpan.FromHours(2));
        using var outage = Runner.EveryStatus(FakeFailure.Permanent());

        await RunForAsync(process, TimeSpan.FromMinutes(115));
        var before = await GetAsync(process, build);
        await RunForAsync(process, TimeSpan.FromMinutes(20));

        before.Status.Should().Be(BuildStatus.Running);
        KindOf(await GetAsync(process, build)).Should().Be(BuildFailureKinds.Timeout);
        (await CountDeadLettersAsync()).Should().Be(0);
    }

    private static async Task<List<Build>> SubmitAsync(StageProcess process, int count)
    {
        List<Build> submitted = [];
        for (var number = 0; number < count; number++)
        {
            submitted.Add(await process.Orchestrator.SubmitAsync(Submissions.Of(key: $"build-{number}")));
        }

        return submitted;
    }
}
