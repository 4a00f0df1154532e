
namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O16_BuildsInFlightTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const int MaxInFlight = 2;

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

    /// <summary>What lies between two submissions at least for one to be the older one.</summary>
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task No_more_builds_are_at_the_runner_than_its_limit_and_all_have_their_turn()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(Life));
        var process = await StartLimitedAsync();
        var submitted = await SubmitAsync(process, 7);

        var most = await RunCountingAsync(process, () => HasEndedAsync(process, submitted));

        most.Should().Be(MaxInFlight);
        Runner.CreatedBuilds.Should().Be(7);
    }

    [Fact]
    public async Task A_slot_goes_to_the_next_build_as_soon_as_it_is_free()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitAsync(process, 2);
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
        await SubmitAsync(first, 3);
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
        var submitted = await SubmitAsync(first, 2);
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
        var submitted = await SubmitAsync(first, 2);
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
    public async Task Those_with_a_higher_priority_go_first()
    {
        var process = await StartHeldAsync();
        foreach (var (key, priority) in new[] { ("low", 0), ("high", 100), ("middle", 50) })
        {
            await process.Orchestrator.SubmitAsync(Submissions.Of(key) with { Priority = priority });
        }

        (await OrderAsync(process, 3)).Should().Equal("high", "middle", "low");
    }

    [Fact]
    public async Task Owners_with_many_builds_and_with_few_are_served_in_turn()
    {
        var process = await StartHeldAsync();
        foreach (var (owner, count) in new[] { ("many", 100), ("few", 3), ("one", 1) })
        {
            for (var i = 0; i < count; i++)
            {
                await process.Orchestrator.SubmitAsync(Submissions.Of($"{owner}-{i}", owner));
                await Backend.AdvanceAsync(Instant);
            }
        }

        var order = await OrderAsync(process, 10);

        order.Take(7).Select(static key => key.Split('-')[0]).Should().BeEquivalentTo(["many", "few", "one", "many", "few", "many", "few"], "each has its turn");
        order.Where(static key => key.StartsWith("few", StringComparison.Ordinal)).Should().Equal("few-0", "few-1", "few-2");
        order.Where(static key => key.StartsWith("many", StringComparison.Ordinal)).Should().Equal("many-0", "many-1", "many-2", "many-3", "many-4", "many-5");
    }

    [Fact]
    public async Task A_build_with_the_lowest_priority_behind_a_stream_of_the_highest_is_triggered_once_it_is_old()
    {
        var ageing = TimeSpan.FromMinutes(10);
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(Life));
        var process = await StartLimitedAsync(most: 1, configure: options => options.PriorityAgeing = ageing);
        var last = await process.Orchestrator.SubmitAsync(Submissions.Of("first", "stream") with { Priority = 100 });
        await process.DrainAsync();
        var low = await process.Orchestrator.SubmitAsync(Submissions.Of("low") with { Priority = 0 });
        for (var i = 0; i < 60 && (await GetAsync(process, low)).RemoteId is null; i++)
        {
            await process.Orchestrator.SubmitAsync(Submissions.Of($"high-{i}", "stream") with { Priority = 100 });
            await RunForAsync(process, TimeSpan.FromSeconds(30));
        }

        var triggered = await GetAsync(process, low);
        (triggered.AcceptedAt - low.CreatedAt).Should().BeGreaterThanOrEqualTo(ageing).And.BeLessThan(ageing + (3 * (Life + TimeSpan.FromSeconds(20))), "every second build is then the oldest");
        (await GetAsync(process, last)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task There_is_an_interval_between_two_triggers_even_of_two_processes()
    {
        var interval = TimeSpan.FromSeconds(20);
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        void Configure(BuildRunnerOptions options) => (options.MaxInFlight, options.MinInterval) = (null, interval);
        var first = await StartLimitedAsync(configure: Configure);
        var second = await StartLimitedAsync(configure: Configure);
        await SubmitAsync(first, 4);

        for (var i = 0; i < 40 && Runner.CreatedBuilds < 4; i++)
        {
            await RunForAsync(i % 2 == 0 ? first : second, TimeSpan.FromSeconds(3));
        }

        var times = (await first.Orchestrator.ListAsync()).Builds.Select(static build => build.Bookkeeping.TriggerAttemptedAt!.Value).Order().ToList();
        times.Should().HaveCount(4);
        times.Zip(times.Skip(1), static (one, next) => next - one).Should().OnlyContain(gap => gap >= interval && gap < interval + TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task After_builds_that_failed_in_a_row_no_more_are_triggered_for_a_while()
    {
        var cooldown = TimeSpan.FromMinutes(30);
        Runner.NextBuild(Infra);
        Runner.NextBuild(Infra);
        Runner.NextBuild(FakeBuild.Succeeds());
        var process = await StartLimitedAsync(most: 1, configure: options => (options.CooldownAfter, options.Cooldown) = (2, cooldown));
        await SubmitAsync(process, 3);

        await RunForAsync(process, cooldown - TimeSpan.FromSeconds(1));

        Runner.Triggers.Should().HaveCount(2);
        (await process.Orchestrator.ListRunnersAsync()).Should().ContainSingle().Which.Should().Match<RunnerState>(static state => state.CooldownEndsAt != null && state.IsWaiting);
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        Runner.Triggers.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_build_that_fails_by_itself_starts_the_count_of_failures_again()
    {
        Runner.NextBuild(Infra);
        Runner.NextBuild(FakeBuild.Fails());
        Runner.NextBuild(Infra);
        Runner.NextBuild(FakeBuild.Succeeds());
        var process = await StartLimitedAsync(most: 1, configure: static options => options.CooldownAfter = 2);
        await SubmitAsync(process, 4);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        Runner.Triggers.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_request_that_is_refused_again_and_again_leaves_its_slot_to_others()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        var process = await StartLimitedAsync(most: 1);
        var submitted = await SubmitAsync(process, 2);
        process.Hook.OnCallAsync = async call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false } && (await GetAsync(process, submitted[0])).Bookkeeping.TriggerAttemptedAt is not null)
            {
                throw new BuildRunnerException("Not now.") { IsTransient = true };
            }
        };

        await RunForAsync(process, TimeSpan.FromMinutes(10));

        (await GetAsync(process, submitted[1])).Status.Should().Be(BuildStatus.Succeeded);
        (await GetAsync(process, submitted[0])).Bookkeeping.ErrorsInARow.Should().BeGreaterThan(5, "it has its turn again");
    }

    [Fact]
    public async Task A_build_that_waits_can_be_cancelled_and_ends_at_its_deadline()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartLimitedAsync(most: 1);
        await SubmitAsync(process, 1);
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
        var submitted = await SubmitAsync(open, 2);
        await open.DrainAsync();
        open.Stop();

        var limited = await StartLimitedAsync();
        submitted = [.. submitted, await limited.Orchestrator.SubmitAsync(Submissions.Of("more"))];
        var most = await RunCountingAsync(limited, () => HasEndedAsync(limited, submitted));

        most.Should().Be(MaxInFlight);
    }

    [Fact]
    public async Task A_message_that_became_a_dead_letter_lets_builds_in_all_the_same()
    {
        var process = await StartLimitedAsync();
        var submitted = await SubmitAsync(process, 1);
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

    private static string DispatchTopic { get; } = BuildTopics.DispatchOf(StageBuilderExtensions.Ci);

    private static FakeBuild Infra => FakeBuild.Fails() with { Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)] };

    private Task<StageProcess> StartLimitedAsync(int most = MaxInFlight, bool finds = true, Action<BuildRunnerOptions>? configure = null) => StartAsync(finds: finds, configure: options =>
    {
        options.MaxInFlight = most;
        configure?.Invoke(options);
    });

    // All of the builds wait before the first is let in.
    private async Task<StageProcess> StartHeldAsync()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        var process = await StartLimitedAsync(most: 1);
        await process.Orchestrator.SetPauseAsync(StageBuilderExtensions.Ci, new() { By = "test", Holds = true });
        return process;
    }

    /// <summary>Ends the hold, and gets the keys of the builds in the order in which they are triggered.</summary>
    private async Task<IReadOnlyList<string>> OrderAsync(StageProcess process, int count)
    {
        await process.DrainAsync();
        await process.Orchestrator.SetPauseAsync(StageBuilderExtensions.Ci, pause: null);
        await process.RunUntilAsync(() => Task.FromResult(Runner.Triggers.Count >= count), TimeSpan.FromHours(1));
        List<string> keys = [];
        foreach (var trigger in Runner.Triggers.Take(count))
        {
            keys.Add((await process.Orchestrator.GetAsync(Guid.Parse(trigger.Request.TriggerKey!)))!.Key);
        }

        return keys;
    }

    private async Task<IReadOnlyList<Build>> SubmitAsync(StageProcess process, int count)
    {
        List<Build> submitted = [];
        for (var i = 0; i < count; i++)
        {
            submitted.Add(await process.Orchestrator.SubmitAsync(Submissions.Of($"build-{i}")));
            await Backend.AdvanceAsync(Instant);
        }

        return submitted;
    }

    private static async Task LetInAsync(StageProcess process)
    {
        await using var scope = process.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<DispatchHandler>().HandleAsync(
            new() { Topic = DispatchTopic, Message = new() { PartitionKey = StageBuilderExtensions.Ci, Id = StageBuilderExtensions.Ci }, DueAt = StageBackend.Start }, CancellationToken.None);
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
