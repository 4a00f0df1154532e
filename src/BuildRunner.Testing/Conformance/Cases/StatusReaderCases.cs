namespace BuildRunner.Testing;

/// <summary>Provides the cases for runners that read many builds with one request.</summary>
internal static class StatusReaderCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("S1", "IBuildStatusReader tells ids as Status does, and refuses a negative age", IdsAndAgesAreChecked),
        new("S1", "IBuildStatusReader with an age of zero answers from a read that began after the call", AgeZeroIsRead)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds | BuildRunnerCapabilities.Durable,
        },
    ];

    private static async Task IdsAndAgesAreChecked(ConformanceRun run)
    {
        var reader = ReaderOf(run);
        ConformanceRun.Check(reader.Freshness >= TimeSpan.Zero, $"The freshness is {reader.Freshness}; it must not be negative.");
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var thrown = await CatchAsync(run, reader, buildId, TimeSpan.FromTicks(-1)).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is ArgumentOutOfRangeException,
            $"For a negative age, {ConformanceRun.Describe(thrown)}; it must be an ArgumentOutOfRangeException.",
            thrown);
        thrown = await CatchAsync(run, reader, default, TimeSpan.Zero).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is ArgumentException,
            $"For a default id, {ConformanceRun.Describe(thrown)}; it must be an ArgumentException.",
            thrown);
        if (run.Has(BuildRunnerCapabilities.KnowsItsBuilds))
        {
            thrown = await CatchAsync(run, reader, run.Harness.Harness.UnknownBuildId, TimeSpan.Zero).ConfigureAwait(false);
            ConformanceRun.Check(
                thrown is BuildNotFoundException { IsTransient: false },
                $"For an id that was never returned, {ConformanceRun.Describe(thrown)}; it must be a BuildNotFoundException that is not "
                + "transient.",
                thrown);
        }
    }

    private static async Task AgeZeroIsRead(ConformanceRun run)
    {
        var reader = ReaderOf(run);
        var buildId = await run.TriggerAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        await EndElsewhereAsync(run, buildId).ConfigureAwait(false);
        var snapshot = await run.TryAgainAsync(
            () => run.CompleteAsync(() => reader.StatusAsync(buildId, TimeSpan.Zero, run.CancellationToken), "Status"),
            static exception => exception.IsTransient).ConfigureAwait(false);
        ConformanceRun.Check(snapshot is not null, "Status returned null; it must return a snapshot.");
        ConformanceRun.Check(
            snapshot!.Status.IsTerminal(),
            $"With an age of zero, a build is {snapshot.Status} although another instance has seen it end; the read must begin after the "
            + "call.");
    }

    // The reader does not learn of the cancel, and has read the build just before another instance sees its end.
    private static async Task EndElsewhereAsync(ConformanceRun run, BuildId buildId)
    {
        var other = run.CreateRunner();
        await run.StatusAsync(buildId).ConfigureAwait(false);
        try
        {
            for (var wait = 0; wait < run.MaxWaits; wait++)
            {
                if (wait % run.WaitsPerCancel == 0)
                {
                    await run.CompleteAsync(() => other.CancelAsync(buildId, run.CancellationToken), "Cancel").ConfigureAwait(false);
                }

                if ((await run.StatusAsync(buildId, other).ConfigureAwait(false)).Status.IsTerminal())
                {
                    return;
                }

                await run.Harness.WaitAsync(run.CancellationToken).ConfigureAwait(false);
                await run.StatusAsync(buildId).ConfigureAwait(false);
            }
        }
        catch (BuildRunnerException exception)
        {
            throw new ConformanceSkipException(
                $"Another instance has not cancelled the build; cases of T5 and of Cancel cover that: {exception.Message}");
        }

        throw ConformanceRun.NotEnded();
    }

    private static Task<Exception?> CatchAsync(ConformanceRun run, IBuildStatusReader reader, BuildId buildId, TimeSpan maxAge) =>
        run.CatchAsync(() => reader.StatusAsync(buildId, maxAge, run.CancellationToken), "Status");

    private static IBuildStatusReader ReaderOf(ConformanceRun run) => run.Reader
        ?? throw new ConformanceSkipException($"The runner does not implement {nameof(IBuildStatusReader)}.");
}
