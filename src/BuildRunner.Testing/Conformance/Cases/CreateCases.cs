namespace BuildRunner.Testing;

/// <summary>The cases of the clause on how often a create is sent.</summary>
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
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        await run.CatchAsync(ConformanceFault.AnswerLost, ConformanceCall.Trigger, () => run.Runner.TriggerAsync(request, run.CancellationToken)).ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(created == 1, $"A trigger whose answer was lost created {created} builds; no layer may repeat a create.");
    }

    private static async Task LostAnswerIsUnknown(ConformanceRun run)
    {
        var request = run.Request(ConformanceBuild.Succeeds);
        BuildId found = default;
        var thrown = await run.CatchAsync(
            ConformanceFault.AnswerLost,
            ConformanceCall.Trigger,
            async () => found = await run.Runner.TriggerAsync(request, run.CancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        if (thrown is not null)
        {
            ConformanceRun.Check(
                thrown is TriggerOutcomeUnknownException,
                $"When the answer to a create was lost, {ConformanceRun.Describe(thrown)}; a build may exist, so it must be a TriggerOutcomeUnknownException.",
                thrown);
            return;
        }

        var lookedUp = await run.CatchAsync(() => run.Runner.StatusAsync(found, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(lookedUp is null, $"When the answer to a create was lost, Trigger gave the id '{found}', and for Status of it {ConformanceRun.Describe(lookedUp)}; the id must be that of the build.", lookedUp);
    }
}
