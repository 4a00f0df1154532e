namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>Each scenario, hit at its moments, which are found by running it, on data of one kind.</summary>
internal sealed class CrashMatrix(Func<StageBackend> createBackend)
{
    public CrashWorld WorldOf(string scenario, bool finds) => CrashWorld.Of(createBackend(), CrashScenarios.All.Single(known => known.Name == scenario), finds);

    /// <summary>Finds the moments of a scenario. There must be more than what has come of them, or the matrix would hit nothing.</summary>
    public async Task<IReadOnlyList<CrashMoment>> MeasureAsync(string scenario, bool finds)
    {
        await using var world = WorldOf(scenario, finds);
        var calls = await CrashRun.BaselineAsync(world);
        calls.Count.Should().BeGreaterThan(2 * (world.Ledger.Commits.Count + world.Ci.Triggers.Count + world.Ci.StatusCalls.Count + world.Ci.Cancels.Count + world.Owner.Seen.Count));
        return [.. calls.Select((call, index) => new CrashMoment(scenario, finds, index, call))];
    }

    /// <summary>Hits a scenario at one moment, and where the hit says so at each one after it.</summary>
    /// <returns>What is wrong, and how often it was run.</returns>
    public async Task<(IReadOnlyList<string> Problems, int Runs)> HitAsync(CrashHit hit, CrashMoment moment, bool isHitAgain = true)
    {
        List<string> problems = [];
        bool goesOn;
        var again = 0;
        do
        {
            await using var world = WorldOf(moment.Scenario, moment.Finds);
            CrashRun run = new(world, hit, moment.Index, isHitAgain ? again : int.MaxValue);
            problems.AddRange((await CheckAsync(world, run, hit, moment.Call)).Select(problem => $"{moment}, {hit}{(run.IsHitAgain ? $" and again at {again}" : "")}: {problem}"));
            goesOn = run.IsHitAgain;
            again++;
        }
        while (goesOn);

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
        var livesOn = hit is CrashHit.HandBack or CrashHit.ExpireForOneStep or CrashHit.Cancel;
        var mayBeUnknown = run.WasTriggering && !(livesOn && world.Ci.CreatedBuilds > 0);
        return run.Point == call
            ? await MatrixAssertions.CheckAsync(world, hit is CrashHit.Cancel or CrashHit.CancelAndCrash, mayBeUnknown, hit == CrashHit.LateAnswer)
            : [$"it was not reached, but {run.Point} was."];
    }
}
