namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>How many builds a runner has at a time.</summary>
public abstract class O16_BuildsInFlightTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const int MaxInFlight = 2;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task No_more_builds_are_at_the_runner_than_its_limit_and_all_have_their_turn()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(Life));
        var process = await StartLimitedAsync(MaxInFlight);
        var submitted = await SubmitManyAsync(process, 7);

        var most = await RunCountingAsync(process, () => HasEndedAsync(process, submitted));

        most.Should().Be(MaxInFlight);
        Runner.CreatedBuilds.Should().Be(7);
    }

    [Fact]
    public async Task A_slot_goes_to_the_next_build_as_soon_as_it_is_free()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(process, 2);
        await process.DrainAsync();

        await process.Orchestrator.CancelAsync(submitted[0].Id);
        await process.DrainAsync();

        Runner.Triggers.Should().HaveCount(2, "no time has passed");
    }

    [Fact]
    public async Task Two_processes_that_let_in_at_the_same_time_let_in_no_more_than_one()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var first = await StartLimitedAsync(most: 1);
        var second = await StartLimitedAsync(most: 1);
        await SubmitManyAsync(first, 3);
        await first.StepAsync(TriggerTopic);
        var hold = Hold.After(first, "store.line");
        var step = first.StepAsync(DispatchTopic);
        await hold.Reached;

        // As one whose lease has expired: between its count and its save the other one lets another build in.
        await second.Orchestrator.SubmitAsync(Submissions.Of("urgent") with { Priority = 100 });
        await second.StepAsync(TriggerTopic);
        await LetInAsync(second);
        hold.Release();
        await step;

        (await CountAsync(first, static build => build.Bookkeeping.SlotSince is not null)).Should().Be(1);
        await first.DrainAsync();
        Runner.Triggers.Should().ContainSingle();
    }

    [Fact]
    public async Task A_slot_is_held_from_before_the_mark_until_the_end_even_if_the_process_dies_in_the_call()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(Life));
        var first = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(first, 2);
        first.Hook.OnCallAsync = call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false })
            {
                first.Crash();
            }

            return Task.CompletedTask;
        };
        await first.RunUntilAsync(() => Task.FromResult(first.Hook.IsDead), Life);

        var second = await StartLimitedAsync(most: 1);
        await RunForAsync(second, CallTimeout);
        Runner.Triggers.Should().BeEmpty("it is not known yet whether the runner has the first");
        var most = await RunCountingAsync(second, () => HasEndedAsync(second, submitted));

        most.Should().Be(1);
        Runner.CreatedBuilds.Should().Be(2);
    }

    [Fact]
    public async Task The_slot_of_a_dead_process_is_free_once_its_mark_is_settled()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var first = await StartLimitedAsync(finds: false, most: 1);
        var submitted = await SubmitManyAsync(first, 2);
        first.Hook.OnCallAsync = call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false })
            {
                first.Crash();
            }

            return Task.CompletedTask;
        };
        await first.RunUntilAsync(() => Task.FromResult(first.Hook.IsDead), Life);

        var second = await StartLimitedAsync(finds: false, most: 1);
        await RunForAsync(second, (2 * CallTimeout) + TimeSpan.FromSeconds(30));

        (await GetAsync(second, submitted[0])).Status.Should().Be(BuildStatus.Failed, "nobody knows whether it was created");
        (await GetAsync(second, submitted[1])).RemoteId.Should().NotBeNull("the slot is free");
    }

    [Fact]
    public async Task A_request_that_is_refused_again_and_again_leaves_its_slot_to_others()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(process, 2);
        List<DateTimeOffset> refusals = [];
        process.Hook.OnCallAsync = async call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false } && (await GetAsync(process, submitted[0])).Bookkeeping.TriggerAttemptedAt is not null)
            {
                refusals.Add(Backend.Time.GetUtcNow());
                throw new BuildRunnerException("Not now.") { IsTransient = true };
            }
        };

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await GetAsync(process, submitted[1])).Status.Should().Be(BuildStatus.Succeeded);
        var pauses = refusals.Zip(refusals.Skip(1), static (one, next) => next - one).ToList();
        pauses.SkipWhile(static pause => pause < TimeSpan.FromSeconds(30)).Should().Contain(static pause => pause < TimeSpan.FromSeconds(5), "each time it is let in it has a few tries");
    }

    [Fact]
    public async Task A_request_that_must_wait_for_long_leaves_its_slot_at_once_and_is_let_in_when_its_time_has_come()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        Runner.NextTrigger(FakeFailure.RateLimited(TimeSpan.FromHours(3)));
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(process, 2);

        await process.DrainAsync();

        Runner.Triggers.Should().ContainSingle();
        (await GetAsync(process, submitted[0])).Bookkeeping.Should().Match<BuildBookkeeping>(static books => books.SlotSince == null && books.Line == null && books.NotBefore != null);
        (await GetAsync(process, submitted[1])).Bookkeeping.SlotSince.Should().NotBeNull();

        // All calls of the runner wait for an hour, and only the one that was refused for longer.
        await RunForAsync(process, TimeSpan.FromHours(2));
        (await GetAsync(process, submitted[1])).Status.Should().Be(BuildStatus.Succeeded);
        (await GetAsync(process, submitted[0])).Status.Should().Be(BuildStatus.Accepted);
        await RunForAsync(process, TimeSpan.FromHours(2));
        (await GetAsync(process, submitted[0])).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task In_an_outage_those_that_have_slots_try_and_not_all_that_wait_even_if_the_first_pause_is_the_longest()
    {
        var pause = TimeSpan.FromMinutes(4);
        var process = await StartLimitedAsync(most: 1, configure: options => options.RetryDelay = options.MaxRetryDelay = pause);
        await SubmitManyAsync(process, 5);
        process.Hook.OnCallAsync = static call => call is { Member: "runner.trigger", IsDone: false }
            ? throw new BuildRunnerException("Not now.") { IsTransient = true }
            : Task.CompletedTask;

        // The second try comes after half of a pause at the earliest.
        await RunForAsync(process, pause / 2);

        (await CountAsync(process, static build => build.Bookkeeping.ErrorsInARow > 0)).Should().Be(1);
        await RunForAsync(process, 4 * pause);
        (await CountAsync(process, static build => build.Bookkeeping.ErrorsInARow > 0)).Should().BeInRange(2, 4, "each has three tries, with two pauses between them");
    }

    [Fact]
    public async Task While_the_setup_is_at_fault_those_that_have_slots_keep_them_and_their_pauses_grow()
    {
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(process, 5);
        List<DateTimeOffset> calls = [];
        process.Hook.OnCallAsync = call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false })
            {
                calls.Add(Backend.Time.GetUtcNow());
                throw new BuildRunnerConfigurationException("The token has expired.");
            }

            return Task.CompletedTask;
        };

        await RunForAsync(process, TimeSpan.FromMinutes(40));

        (await CountAsync(process, static build => build.Bookkeeping.ErrorsInARow > 0)).Should().Be(1);
        (await GetAsync(process, submitted[0])).Bookkeeping.SlotSince.Should().NotBeNull();
        calls.Zip(calls.Skip(1), static (one, next) => next - one).Skip(4).Should().OnlyContain(static pause => pause >= TimeSpan.FromMinutes(2.5));
    }

    [Fact]
    public async Task A_request_that_another_process_may_make_by_then_is_made_there()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        Runner.NextTrigger(FakeFailure.RateLimited(TimeSpan.FromHours(3)));
        var first = await StartLimitedAsync(most: 1);
        var second = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(first, 2);
        await first.StepAsync(TriggerTopic);
        await first.StepAsync(DispatchTopic);
        await first.StepAsync(TriggerTopic);

        await RunForAsync(second, TimeSpan.FromMinutes(1));

        (await GetAsync(second, submitted[1])).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_request_without_an_outcome_keeps_its_slot_however_long_it_must_wait()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        Runner.NextTrigger(FakeFailure.TimesOut());
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitManyAsync(process, 2);
        var lookUps = 0;
        process.Hook.OnCallAsync = call => call is { Member: "runner.find", IsDone: false } && lookUps++ == 0
            ? throw new BuildRunnerException("Not now.") { IsTransient = true, RetryAfter = TimeSpan.FromHours(3) }
            : Task.CompletedTask;

        await RunForAsync(process, TimeSpan.FromHours(2));

        lookUps.Should().Be(1);
        Runner.Triggers.Should().ContainSingle();
        (await GetAsync(process, submitted[0])).Bookkeeping.SlotSince.Should().NotBeNull("it may be there");
        await RunForAsync(process, TimeSpan.FromHours(3));
        (await GetAsync(process, submitted[1])).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_build_that_waits_can_be_cancelled_and_ends_at_its_deadline()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartLimitedAsync(most: 1);
        await SubmitManyAsync(process, 1);
        await process.DrainAsync();
        var cancelled = await process.Orchestrator.SubmitAsync(Submissions.Of("cancelled"));
        var late = await process.Orchestrator.SubmitAsync(Submissions.Of("late", timeout: TimeSpan.FromMinutes(5)));
        await process.DrainAsync();

        await process.Orchestrator.CancelAsync(cancelled.Id);
        await RunForAsync(process, TimeSpan.FromMinutes(6));

        (await GetAsync(process, cancelled)).Status.Should().Be(BuildStatus.Cancelled);
        KindOf(await GetAsync(process, late)).Should().Be(BuildFailureKinds.Timeout);
        Runner.Triggers.Should().ContainSingle();
        (await CountAsync(process, static build => build.Bookkeeping.Line is not null)).Should().Be(0);
    }

    [Fact]
    public async Task Builds_that_the_runner_has_count_when_a_limit_is_set_later()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(Life));
        var open = await StartAsync();
        var submitted = await SubmitManyAsync(open, 2);
        await open.DrainAsync();
        open.Stop();

        var limited = await StartLimitedAsync(MaxInFlight);
        submitted = [.. submitted, await limited.Orchestrator.SubmitAsync(Submissions.Of("more"))];
        var most = await RunCountingAsync(limited, () => HasEndedAsync(limited, submitted));

        most.Should().Be(MaxInFlight);
    }

    [Fact]
    public async Task A_message_that_became_a_dead_letter_lets_builds_in_all_the_same()
    {
        var process = await StartLimitedAsync(MaxInFlight);
        var submitted = await SubmitManyAsync(process, 1);
        await process.StepAsync(TriggerTopic);
        process.Hook.OnCallAsync = static call => call is { Member: "store.line" } ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;
        for (var attempt = 0; attempt < StageProcess.MaxAttempts;)
        {
            var (count, next) = await process.StepAsync(DispatchTopic);
            attempt += count;
            await Backend.AdvanceAsync(count == 0 && next > TimeSpan.FromMilliseconds(1) ? next.Value : TimeSpan.FromMilliseconds(1));
        }

        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await process.RunToEndAsync(submitted[0].Id, TimeSpan.FromMinutes(1));

        (await CountDeadLettersAsync(DispatchTopic)).Should().Be(0);
    }

    private static async Task<int> CountAsync(StageProcess process, Func<Build, bool> condition) => (await process.Orchestrator.ListAsync()).Builds.Count(condition);

    private static async Task<bool> HasEndedAsync(StageProcess process, IEnumerable<Build> builds)
    {
        foreach (var build in builds)
        {
            if (!(await GetAsync(process, build)).Status.IsTerminal())
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Runs until something is so.</summary>
    /// <returns>How many builds the runner had at most.</returns>
    private async Task<int> RunCountingAsync(StageProcess process, Func<Task<bool>> isOver)
    {
        var most = 0;
        await process.RunUntilAsync(
            async () =>
            {
                var running = 0;
                foreach (var trigger in Runner.Triggers.Where(static trigger => trigger.BuildId is not null))
                {
                    running += (await Runner.StatusAsync(trigger.BuildId!.Value)).Status.IsTerminal() ? 0 : 1;
                }

                most = Math.Max(most, running);
                return await isOver();
            },
            TimeSpan.FromHours(1));
        return most;
    }
}
