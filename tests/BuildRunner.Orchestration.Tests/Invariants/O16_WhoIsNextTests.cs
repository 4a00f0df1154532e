namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>Which of the builds that wait for a runner is triggered next.</summary>
public abstract class O16_WhoIsNextTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);

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
    public async Task A_build_that_is_tried_again_keeps_its_age()
    {
        Runner.NextBuild(FakeBuild.Fails(failureKind: BuildFailureKinds.Infra));
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(Life));
        var process = await StartLimitedAsync(most: 1, configure: static options => options.Retry = new() { MaxAttempts = 2, Delay = TimeSpan.FromSeconds(5) });
        var submitted = await SubmitManyAsync(process, 4);

        await RunForAsync(process, 5 * Life);

        Runner.Triggers.Take(4).Select(static trigger => trigger.Request.TriggerKey).Should().Equal(
            [$"{submitted[0].Id}", $"{submitted[1].Id}", $"{submitted[0].Id}-2", $"{submitted[2].Id}"], "its owner waits for it since it was submitted");
    }

    // All of the builds wait before the first is let in.
    private async Task<StageProcess> StartHeldAsync()
    {
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        var process = await StartLimitedAsync(most: 1);
        await process.Orchestrator.PauseRunnerAsync(StageBuilderExtensions.Ci, new() { By = "test", Holds = true });
        return process;
    }

    /// <summary>Ends the hold, and gets the keys of the builds in the order in which they are triggered.</summary>
    private async Task<IReadOnlyList<string>> OrderAsync(StageProcess process, int count)
    {
        await process.DrainAsync();
        await process.Orchestrator.ResumeRunnerAsync(StageBuilderExtensions.Ci, "test");
        await process.RunUntilAsync(() => Task.FromResult(Runner.Triggers.Count >= count), TimeSpan.FromHours(1));
        List<string> keys = [];
        foreach (var trigger in Runner.Triggers.Take(count))
        {
            keys.Add((await process.Orchestrator.GetAsync(Guid.Parse(trigger.Request.TriggerKey!)))!.Key);
        }

        return keys;
    }
}
