namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>
/// The crash matrix: each scenario is hit at each of its moments, which are found by running it, in each way, with a runner that finds builds by key and with one that does not.
/// </summary>
public abstract class CrashSuite
{
    private static readonly bool[] Kinds = [true, false];

    public static TheoryData<string, bool> Lives() => [.. from scenario in CrashScenarios.All from finds in Kinds select (scenario.Name, finds)];

    public static TheoryData<string, bool, CrashHit> Hits() =>
        [.. from scenario in CrashScenarios.All from finds in Kinds from hit in Enum.GetValues<CrashHit>() where hit != CrashHit.CrashTwice || scenario.IsHitTwice select (scenario.Name, finds, hit)];

    [Theory]
    [MemberData(nameof(Lives))]
    public async Task A_build_without_a_hit_comes_to_its_end_in_the_same_way_each_time(string scenario, bool finds)
    {
        await using var world = WorldOf(scenario, finds);
        await using var again = WorldOf(scenario, finds);

        var calls = await CrashRun.BaselineAsync(world);

        (await MatrixAssertions.CheckAsync(world, isCancelled: false, mayBeUnknown: false, mayCreateAgain: false)).Should().BeEmpty();
        (await CrashRun.BaselineAsync(again)).Should().Equal(calls);
    }

    [Theory]
    [MemberData(nameof(Hits))]
    public async Task A_build_that_is_hit_at_any_moment_comes_to_its_end(string scenario, bool finds, CrashHit hit)
    {
        var calls = await MeasureAsync(scenario, finds);
        List<string> problems = [];
        var runs = 0;
        for (var index = 0; index < calls.Count; index++)
        {
            if (hit != CrashHit.LateAnswer || calls[index].Member.StartsWith("runner.", StringComparison.Ordinal))
            {
                var (found, count) = await HitAsync(scenario, finds, hit, index, calls[index]);
                runs += count;
                problems.AddRange(found.Select(problem =>
                    $"'{scenario}', {(finds ? "finds" : "does not find")} by key, {hit} at {index} of {calls.Count}, {(calls[index].IsDone ? "after" : "before")} {calls[index].Member} of {calls[index].Topic ?? "a caller"}: {problem}"));
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{calls.Count} moments, {runs} runs");
        problems.Should().BeEmpty();
    }

    [Fact]
    public async Task Every_step_and_every_call_of_one_is_hit()
    {
        List<StageCall> calls = [];
        foreach (var scenario in CrashScenarios.All)
        {
            calls.AddRange(await MeasureAsync(scenario.Name, finds: true));
        }

        await using var world = WorldOf(CrashScenarios.All[0].Name, finds: true);
        var process = await world.StartAsync();
        calls.Select(static call => call.Topic).Distinct().Should().BeEquivalentTo([.. process.Topics, null]);
        calls.Select(static call => call.Member).Should().Contain(await CrashMembers.GetAsync());
    }

    protected abstract StageBackend CreateBackend();

    private CrashWorld WorldOf(string scenario, bool finds) => CrashWorld.Of(CreateBackend(), CrashScenarios.All.Single(known => known.Name == scenario), finds);

    // There must be more moments than what has come of them, or the matrix would hit nothing.
    private async Task<IReadOnlyList<StageCall>> MeasureAsync(string scenario, bool finds)
    {
        await using var world = WorldOf(scenario, finds);
        var calls = await CrashRun.BaselineAsync(world);
        calls.Count.Should().BeGreaterThan(2 * (world.Ledger.Commits.Count + world.Ci.Triggers.Count + world.Ci.StatusCalls.Count + world.Ci.Cancels.Count + world.Owner.Seen.Count));
        return calls;
    }

    private async Task<(IReadOnlyList<string> Problems, int Runs)> HitAsync(string scenario, bool finds, CrashHit hit, int index, StageCall call)
    {
        List<string> problems = [];
        bool isHitAgain;
        var again = 0;
        do
        {
            await using var world = WorldOf(scenario, finds);
            CrashRun run = new(world, hit, index, again);
            problems.AddRange((await CheckAsync(world, run, hit, call)).Select(problem => run.IsHitAgain ? $"and again at {again}: {problem}" : problem));
            isHitAgain = run.IsHitAgain;
            again++;
        }
        while (isHitAgain);

        return (problems, again);
    }

    private static async Task<IReadOnlyList<string>> CheckAsync(CrashWorld world, CrashRun run, CrashHit hit, StageCall call)
    {
        try
        {
            await run.RunAsync();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return [$"the run itself failed: {exception}"];
        }

        // One that lives on saves what the runner answers, so that nothing is unknown once a build was created.
        var livesOn = hit is CrashHit.HandBack or CrashHit.LapseForOneStep or CrashHit.Cancel;
        var mayBeUnknown = run.WasTriggering && !(livesOn && world.Ci.CreatedBuilds > 0);
        return run.Point == call
            ? await MatrixAssertions.CheckAsync(world, hit is CrashHit.Cancel or CrashHit.CancelAndCrash, mayBeUnknown, hit == CrashHit.LateAnswer)
            : [$"it was not reached, but {run.Point} was."];
    }
}
