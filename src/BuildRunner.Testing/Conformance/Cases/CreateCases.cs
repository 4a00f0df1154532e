namespace BuildRunner.Testing;

/// <summary>Provides the cases for the number of creates that a trigger sends.</summary>
internal static class CreateCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("T8", "A trigger creates once", CreatesOnce),
        new("T8", "A lost answer does not create twice", LostAnswerCreatesOnce),
        new("T8", "A lost answer is an unknown outcome or finds the build", LostAnswerIsUnknown),
    ];

    private static async Task CreatesOnce(ConformanceRun run)
    {
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(created == 1, $"One trigger created {created} builds; it must create one.");
    }

    private static async Task LostAnswerCreatesOnce(ConformanceRun run)
    {
        foreach (var key in new[] { null, KeyCases.NewKey() })
        {
            var before = await run.CountCreatesAsync().ConfigureAwait(false);
            var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false) with { TriggerKey = key };
            await run.CatchAsync(
                ConformanceFault.AnswerLost,
                ConformanceCall.Trigger,
                () => run.Runner.TriggerAsync(request, run.CancellationToken)).ConfigureAwait(false);
            var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
            ConformanceRun.Check(
                created == 1,
                $"After its answer was lost, a trigger {(key is null ? "without" : "with")} a key had created {created} builds; no layer "
                + "may repeat a create.");
        }
    }

    private static async Task LostAnswerIsUnknown(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        if (await LoseAnswerAsync(run, request).ConfigureAwait(false) is { } found)
        {
            var thrown = await run.CatchAsync(() => run.StatusAsync(found), "Status").ConfigureAwait(false);
            ConformanceRun.Check(
                thrown is null,
                $"When the answer to a create was lost, Trigger returned the id '{found}', for which Status failed: "
                + $"{ConformanceRun.Describe(thrown)}; the id must be that of the build.",
                thrown);
        }
    }

    /// <summary>Loses the answer of a trigger, and fails the case unless the outcome is unknown or the trigger finds the build.</summary>
    /// <returns>The build that the trigger found, or <see langword="null"/> if the outcome is unknown.</returns>
    public static async Task<BuildId?> LoseAnswerAsync(ConformanceRun run, BuildRequest request)
    {
        BuildId? given = null;
        var thrown = await run.CatchAsync(
            ConformanceFault.AnswerLost,
            ConformanceCall.Trigger,
            async () => given = await run.Runner.TriggerAsync(request, run.CancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null or TriggerOutcomeUnknownException,
            $"When the answer to a create was lost, {ConformanceRun.Describe(thrown)}; a build may exist, so it must be a "
            + "TriggerOutcomeUnknownException.",
            thrown);
        return given;
    }
}
