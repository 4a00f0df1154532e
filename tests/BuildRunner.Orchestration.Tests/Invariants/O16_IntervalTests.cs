namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>How triggers of one runner are spread over time.</summary>
public abstract class O16_IntervalTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Cooldown = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task There_is_an_interval_between_two_triggers_even_of_two_processes()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var first = await StartLimitedAsync(most: null, configure: HasInterval);
        var second = await StartLimitedAsync(most: null, configure: HasInterval);
        await SubmitManyAsync(first, 4);

        for (var i = 0; i < 40 && Runner.CreatedBuilds < 4; i++)
        {
            await RunForAsync(i % 2 == 0 ? first : second, TimeSpan.FromSeconds(3));
        }

        var times = (await first.Orchestrator.ListAsync()).Builds.Select(static build => build.Bookkeeping.TriggerAttemptedAt!.Value).Order().ToList();
        times.Should().HaveCount(4);
        times.Zip(times.Skip(1), static (one, next) => next - one).Should().OnlyContain(gap => gap >= Interval && gap < Interval + TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Of_two_processes_that_mark_at_the_same_time_one_waits_for_the_interval()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var first = await StartLimitedAsync(most: null, configure: HasInterval);
        var second = await StartLimitedAsync(most: null, configure: HasInterval);
        await SubmitManyAsync(first, 2);
        await first.StepAsync(TriggerTopic);
        await first.StepAsync(DispatchTopic);
        var hold = Hold.Before(first, "store.commit");
        var step = first.StepAsync(TriggerTopic);
        await hold.Reached;

        // The first one was slow: by the time it marks its build, the other one has let in, marked and triggered the next.
        await Backend.AdvanceAsync(Interval);
        await LetInAsync(second);
        await second.StepAsync(TriggerTopic);
        Runner.Triggers.Should().ContainSingle();
        hold.Release();
        await step;
        await first.DrainAsync();

        Runner.Triggers.Should().ContainSingle();
        await RunForAsync(first, Interval);
        Runner.Triggers.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_build_that_is_triggered_again_keeps_the_interval_as_well()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        Runner.NextTrigger(FakeFailure.Transient());
        var process = await StartLimitedAsync(most: null, configure: HasInterval);
        List<DateTimeOffset> calls = [];
        process.Hook.OnCallAsync = call =>
        {
            if (call is { Member: "runner.trigger", IsDone: false })
            {
                calls.Add(Backend.Time.GetUtcNow());
            }

            return Task.CompletedTask;
        };
        await SubmitManyAsync(process, 2);

        await RunForAsync(process, 4 * Interval);

        calls.Should().HaveCount(3);
        calls.Zip(calls.Skip(1), static (one, next) => next - one).Should().OnlyContain(gap => gap >= Interval);
    }

    [Fact]
    public async Task After_builds_that_failed_in_a_row_no_more_are_triggered_for_a_while()
    {
        Runner.NextBuild(Infra);
        Runner.NextBuild(Infra);
        Runner.NextBuild(FakeBuild.Succeeds());
        var process = await StartCoolingAsync(after: 2);
        await SubmitManyAsync(process, 3);

        await RunForAsync(process, Cooldown - TimeSpan.FromSeconds(1));

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
        var process = await StartCoolingAsync(after: 2);
        await SubmitManyAsync(process, 4);

        await RunForAsync(process, TimeSpan.FromMinutes(1));

        Runner.Triggers.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_build_that_the_runner_has_lost_counts()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled() with { VanishesAfter = TimeSpan.FromSeconds(10) });
        var process = await StartCoolingAsync(after: 1);
        await SubmitManyAsync(process, 1);

        await RunForAsync(process, TimeSpan.FromMinutes(5));

        (await CooldownOfAsync(process)).Should().NotBeNull();
    }

    [Fact]
    public async Task A_message_that_became_a_dead_letter_says_nothing_of_the_runner()
    {
        Runner.NextBuild(Infra);
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartCoolingAsync(after: 2);
        await SubmitManyAsync(process, 1);
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        foreach (var isRunning in new[] { false, true })
        {
            var build = await process.Orchestrator.SubmitAsync(Submissions.Of($"buried {isRunning}"));
            if (isRunning)
            {
                await process.DrainAsync();
                await Backend.AdvanceAsync(TimeSpan.FromSeconds(10));
            }

            await BuryAsync(process, isRunning ? SignalTopic : TriggerTopic);
            await RunForAsync(process, TimeSpan.FromMinutes(5));
            KindOf(await GetAsync(process, build)).Should().Be(BuildFailureKinds.Infra);

            // Before the next one, which a cooldown would not let in.
            (await CooldownOfAsync(process)).Should().BeNull();
        }

        Runner.NextBuild(Infra);
        await process.Orchestrator.SubmitAsync(Submissions.Of("last"));
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        (await CooldownOfAsync(process)).Should().NotBeNull("they have not ended the row either");
    }

    [Fact]
    public async Task A_trigger_without_an_outcome_says_nothing_of_the_runner()
    {
        Runner.NextTrigger(FakeFailure.TimesOut());
        var process = await StartCoolingAsync(after: 1, finds: false);
        var submitted = await SubmitManyAsync(process, 1);

        await RunForAsync(process, TimeSpan.FromMinutes(5));

        KindOf(await GetAsync(process, submitted[0])).Should().Be(BuildFailureKinds.Infra);
        (await CooldownOfAsync(process)).Should().BeNull();
    }

    [Fact]
    public async Task A_build_that_fails_while_it_is_cancelled_says_nothing_of_the_runner()
    {
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var process = await StartCoolingAsync(after: 1);
        var submitted = await SubmitManyAsync(process, 1);
        await process.DrainAsync();
        Runner.MoveTo(Runner.Triggers[0].BuildId!.Value, BuildStatus.Failed, [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)]);

        await process.Orchestrator.CancelAsync(submitted[0].Id);
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        KindOf(await GetAsync(process, submitted[0])).Should().Be(BuildFailureKinds.Infra);
        (await CooldownOfAsync(process)).Should().BeNull();
    }

    private static FakeBuild Infra => FakeBuild.Fails() with { Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)] };

    private static void HasInterval(BuildRunnerOptions options) => options.MinInterval = Interval;

    private static async Task<DateTimeOffset?> CooldownOfAsync(StageProcess process) => (await process.Orchestrator.ListRunnersAsync()).Should().ContainSingle().Which.CooldownEndsAt;

    private Task<StageProcess> StartCoolingAsync(int after, bool finds = true) => StartLimitedAsync(most: 1, finds, options => (options.CooldownAfter, options.Cooldown) = (after, Cooldown));
}
