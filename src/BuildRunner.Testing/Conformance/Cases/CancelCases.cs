namespace BuildRunner.Testing;

/// <summary>Provides the cases for Cancel.</summary>
internal static class CancelCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("C1", "Cancel returns before the build has stopped", ReturnsPromptly) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("C2", "Cancel of a build that has succeeded does nothing", run => EndedIsLeftAlone(run, ConformanceBuild.Succeeds)),
        new("C2", "Cancel of a build that has failed does nothing", run => EndedIsLeftAlone(run, ConformanceBuild.Fails))
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("C2", "Cancel may be repeated", MayBeRepeated),
        new("C2", "An unknown id is not found", UnknownIsNotFound) { Requires = BuildRunnerCapabilities.KnowsItsBuilds },
        new("C2", "A default id is refused", DefaultIsRefused),
        new("C3", "A refused cancel of a running build is a transient error", RefusalIsTransient)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("C3", "A refused cancel of an ended build does nothing", RefusalAfterEndIsNothing)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("C4", "A cancelled build ends", CancelledEnds)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
            IsRequired = false,
        },
    ];

    private static async Task ReturnsPromptly(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.IgnoresCancel).ConfigureAwait(false);

        // A build that is not running yet may end at once.
        await run.WaitUntilAsync(
            () => run.StatusAsync(buildId),
            static snapshot => snapshot.Status == BuildStatus.Running || snapshot.Status.IsTerminal(),
            static snapshot => $"A build is still {snapshot.Status}; it must start to run.").ConfigureAwait(false);
        await run.Harness.WaitUntilAtWorkAsync(buildId, run.CancellationToken).ConfigureAwait(false);
        await run.CancelAsync(buildId).ConfigureAwait(false);
        var snapshot = await run.StatusAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(
            !snapshot.Status.IsTerminal(),
            $"A build that continues after a cancel is {snapshot.Status} when Cancel returns; Cancel must neither wait for the end nor "
            + "claim it.");
    }

    private static async Task EndedIsLeftAlone(ConformanceRun run, ConformanceBuild kind)
    {
        var (buildId, ended) = await run.RunToEndAsync(kind).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.CancelAsync(buildId), "Cancel").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null,
            $"For a build that had ended as {ended.Status}, {ConformanceRun.Describe(thrown)}; Cancel must do nothing.",
            thrown);
        var after = await run.StatusAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(after.Status == ended.Status, $"A build that had ended as {ended.Status} is {after.Status} after a cancel.");
    }

    private static async Task MayBeRepeated(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(await run.LongRequestAsync().ConfigureAwait(false)).ConfigureAwait(false);
        for (var time = 1; time <= 3; time++)
        {
            var thrown = await run.CatchAsync(() => run.CancelAsync(buildId), "Cancel").ConfigureAwait(false);
            ConformanceRun.Check(
                thrown is null,
                $"For cancel number {time} of a build, {ConformanceRun.Describe(thrown)}; callers repeat it until the build has ended.",
                thrown);
        }

        var ended = await run.WaitForCancelledOnceAsync(buildId).ConfigureAwait(false)
            ?? await run.CancelToEndAsync(buildId).ConfigureAwait(false);
        await run.CancelAsync(buildId).ConfigureAwait(false);
        var after = await run.StatusAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(
            after.Status == ended.Status,
            $"A cancelled build that had ended as {ended.Status} is {after.Status} after another cancel.");
    }

    private static async Task UnknownIsNotFound(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(
            () => run.Runner.CancelAsync(run.Harness.Harness.UnknownBuildId, run.CancellationToken),
            "Cancel").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildNotFoundException { IsTransient: false },
            $"For an id that was never returned, {ConformanceRun.Describe(thrown)}; it must be a BuildNotFoundException that is not "
            + "transient.",
            thrown);
    }

    private static async Task DefaultIsRefused(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(() => run.Runner.CancelAsync(default, run.CancellationToken), "Cancel").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is ArgumentException,
            $"For a default id, {ConformanceRun.Describe(thrown)}; it must be an ArgumentException.",
            thrown);
    }

    private static async Task RefusalIsTransient(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        var thrown = await run.CatchAsync(
            ConformanceFault.Refused,
            ConformanceCall.Cancel,
            () => run.Runner.CancelAsync(buildId, run.CancellationToken)).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true },
            $"For a refused cancel of a running build, {ConformanceRun.Describe(thrown)}; the runner must not mistake the refusal for "
            + "\"already ended\", so it must be a transient BuildRunnerException.",
            thrown);
    }

    private static async Task RefusalAfterEndIsNothing(ConformanceRun run)
    {
        var (buildId, ended) = await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await run.InjectAsync(ConformanceFault.Refused, ConformanceCall.Cancel).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.CancelAsync(buildId, run.CancellationToken), "Cancel").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null,
            $"For a refused cancel of a build that had ended as {ended.Status}, {ConformanceRun.Describe(thrown)}; the runner must read "
            + "the state and do nothing.",
            thrown);
    }

    private static async Task CancelledEnds(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        var ended = await run.TryCancelToEndAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(ended is not null, $"The build '{buildId}' continues after {ConformanceRun.MaxCancels} cancels; it must end.");
    }
}
