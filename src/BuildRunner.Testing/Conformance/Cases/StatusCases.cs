namespace BuildRunner.Testing;

/// <summary>Provides the cases for Status.</summary>
internal static class StatusCases
{
    private const int LooksAfterTheEnd = 5;

    public static IEnumerable<ConformanceCase> All =>
    [
        new("S1", "An unknown id is not found", UnknownIsNotFound) { Requires = BuildRunnerCapabilities.KnowsItsBuilds },
        new("S1", "A default id is refused", DefaultIsRefused),
        new("S2", "A state that the runner does not know is Unknown", UnheardOfIsUnknown),
        new("S3", "A build that has succeeded stays so", run => EndedStays(run, ConformanceBuild.Succeeds))
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("S3", "A build that has failed stays so", run => EndedStays(run, ConformanceBuild.Fails))
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("S3", "A build that was cancelled stays as it has ended", run => EndedStays(run, ConformanceBuild.RunsLong))
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("S4", "A build that fails is Failed", FailedIsFailed) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("S4", "A build that was cancelled is Cancelled", CancelledIsCancelled)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
            IsRequired = false,
        },
        new("S4", "A failed build says what kind of failure it was", FailureKindIsSaid)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
            IsRequired = false,
        },
        new("S5", "A build that the head broke says so", FailedSideIsSaid)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
            IsRequired = false,
        },
    ];

    private static async Task UnknownIsNotFound(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(
            () => run.Runner.StatusAsync(run.Harness.Harness.UnknownBuildId, run.CancellationToken),
            "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildNotFoundException { IsTransient: false },
            $"For an id that was never returned, {ConformanceRun.Describe(thrown)}; it must be a BuildNotFoundException that is not "
            + "transient.",
            thrown);
    }

    private static async Task DefaultIsRefused(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(() => run.Runner.StatusAsync(default, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is ArgumentException,
            $"For a default id, {ConformanceRun.Describe(thrown)}; it must be an ArgumentException.",
            thrown);
    }

    private static async Task UnheardOfIsUnknown(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(await run.LongRequestAsync().ConfigureAwait(false)).ConfigureAwait(false);
        if (!await run.Harness.SetUnheardOfStateAsync(buildId, run.CancellationToken).ConfigureAwait(false))
        {
            throw new ConformanceSkipException("The harness cannot put a build into a state that no runner knows.");
        }

        // Reads may lag behind, and return the old state until they catch up.
        await run.WaitUntilAsync(
            () => run.StatusAsync(buildId),
            static snapshot => snapshot.Status == BuildStatus.Unknown,
            static snapshot =>
                $"An unknown native state is reported as {snapshot.Status}; it must be Unknown, never a guess.").ConfigureAwait(false);
    }

    private static async Task EndedStays(ConformanceRun run, ConformanceBuild kind)
    {
        var buildId = await run.TriggerAsync(kind).ConfigureAwait(false);
        var ending = kind == ConformanceBuild.RunsLong ? run.CancelToEndAsync(buildId) : run.WaitForEndAsync(buildId);
        var ended = await ending.ConfigureAwait(false);
        for (var look = 0; look < LooksAfterTheEnd; look++)
        {
            await run.Harness.WaitAsync(run.CancellationToken).ConfigureAwait(false);
            var snapshot = await run.StatusAsync(buildId).ConfigureAwait(false);
            ConformanceRun.Check(
                snapshot.Status == ended.Status,
                $"A build that had ended as {ended.Status} is {snapshot.Status} later; a runner must not reopen it.");
        }
    }

    private static async Task FailedIsFailed(ConformanceRun run)
    {
        var (_, snapshot) = await run.RunToEndAsync(ConformanceBuild.Fails).ConfigureAwait(false);
        ConformanceRun.Check(
            snapshot.Status == BuildStatus.Failed,
            $"A build that fails has ended as {snapshot.Status}; any end that is neither success nor cancellation is Failed.");
    }

    private static async Task CancelledIsCancelled(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        var snapshot = await run.CancelToEndAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(
            snapshot.Status == BuildStatus.Cancelled,
            $"A cancelled long build has ended as {snapshot.Status}; it should be Cancelled.");
    }

    private static async Task FailureKindIsSaid(ConformanceRun run)
    {
        var (_, snapshot) = await run.RunToEndAsync(ConformanceBuild.Fails).ConfigureAwait(false);
        ConformanceRun.Check(
            snapshot.Metadata.ContainsKey(BuildMetadataKeys.FailureKind),
            $"A failed build has no '{BuildMetadataKeys.FailureKind}' in its metadata; it should tell whether code, infrastructure or time "
            + "was to blame.");
    }

    private static async Task FailedSideIsSaid(ConformanceRun run)
    {
        var @base = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var request = await run.RequestAsync(ConformanceBuild.Fails).ConfigureAwait(false);
        var (_, snapshot) = await run.RunToEndAsync(request with { Base = @base.Head }).ConfigureAwait(false);
        if (!snapshot.Metadata.TryGetValue(BuildMetadataKeys.FailedSide, out var side))
        {
            // Many runners build base and head in one job, which does not tell.
            throw new ConformanceSkipException(
                $"The runner does not set '{BuildMetadataKeys.FailedSide}', which it should if it can tell base from head.");
        }

        ConformanceRun.Check(
            side == BuildFailedSides.Head,
            $"A build that its head broke has '{BuildMetadataKeys.FailedSide}' '{side}'; it should be '{BuildFailedSides.Head}'.");
    }
}
