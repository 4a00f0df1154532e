namespace BuildRunner.Testing;

/// <summary>The cases of the clauses that hold for every member.</summary>
internal static class AllMemberCases
{
    public static IEnumerable<ConformanceCase> All =>
    [
        new("A1", "Every member may be called concurrently", MembersAreThreadSafe),
        new("A2", "A cancelled token ends a call by itself or not at all", CancelledTokenIsItself),
        new("A2", "A call that hangs is abandoned when its token is cancelled", HangingCallIsAbandoned),
        new("A2", "The token of a trigger does not stop the build", TokenDoesNotStopTheBuild) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("A2", "A time-out of the transport in Status is a transient error", StatusTimeOutIsTransient),
        new("A2", "A time-out of the transport in Trigger is an unknown outcome or a transient error", TriggerTimeOutIsUnknown),
        new("A3", "A rate limit is transient and carries the backend's delay", RateLimitCarriesDelay),
    ];

    private static async Task MembersAreThreadSafe(ConformanceRun run)
    {
        ConformanceBuild[] kinds = run.Has(BuildRunnerCapabilities.RunsBuilds) ? [ConformanceBuild.Succeeds, ConformanceBuild.Fails] : [ConformanceBuild.Succeeds];
        var builds = Enumerable.Range(0, run.Harness.ParallelCalls).Select(index => kinds[index % kinds.Length]).Select(kind => (Kind: kind, Request: run.Request(kind))).ToList();
        var ends = await run.InParallelAsync(async index =>
        {
            var (buildId, ended) = await run.RunToEndAsync(builds[index].Request).ConfigureAwait(false);
            await run.CancelAsync(buildId).ConfigureAwait(false);
            await run.StatusAsync(buildId).ConfigureAwait(false);
            return (BuildId: buildId, ended.Status);
        }).ConfigureAwait(false);
        foreach (var (build, end) in builds.Zip(ends))
        {
            ConformanceRun.Check(
                (end.Status == BuildStatus.Succeeded) == (build.Kind == ConformanceBuild.Succeeds),
                $"Among concurrent calls the build '{end.BuildId}' of the kind {build.Kind} has ended as {end.Status}; builds must not mix.");
        }
    }

    private static async Task CancelledTokenIsItself(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        foreach (var (name, call) in Members(run, request, buildId))
        {
            var thrown = await run.CatchAsync(() => call(new CancellationToken(canceled: true)), name).ConfigureAwait(false);
            ConformanceRun.Check(thrown is null or OperationCanceledException, $"{name} with a cancelled token: {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException, or the call completes.");
        }
    }

    private static async Task HangingCallIsAbandoned(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        foreach (var (name, call) in Members(run, request, buildId))
        {
            await run.InjectAsync(ConformanceFault.Hangs).ConfigureAwait(false);
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
            var hanging = call(caller.Token);
            ConformanceRun.Check(!hanging.IsCompleted, $"{name} has completed although its backend does not answer; the harness did not let it hang.");
            await caller.CancelAsync().ConfigureAwait(false);
            var thrown = await run.CatchAsync(() => hanging, name).ConfigureAwait(false);
            ConformanceRun.Check(thrown is OperationCanceledException, $"When the caller's token was cancelled during {name}, {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException.");
        }
    }

    private static async Task TokenDoesNotStopTheBuild(ConformanceRun run)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
        var buildId = await run.CompleteAsync(run.Runner.TriggerAsync(run.Request(ConformanceBuild.Succeeds), caller.Token), "Trigger").ConfigureAwait(false);
        await caller.CancelAsync().ConfigureAwait(false);
        var snapshot = await run.WaitForEndAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(snapshot.Status == BuildStatus.Succeeded, $"A build whose trigger's token was cancelled afterwards has ended as {snapshot.Status}; the token must not touch the build.");
    }

    private static async Task StatusTimeOutIsTransient(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await run.InjectAsync(ConformanceFault.TimedOut).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true },
            $"When the transport timed out, {ConformanceRun.Describe(thrown)}; the caller has cancelled nothing, so it must be a transient BuildRunnerException.");
    }

    private static async Task TriggerTimeOutIsUnknown(ConformanceRun run)
    {
        await run.InjectAsync(ConformanceFault.TimedOut).ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is TriggerOutcomeUnknownException or BuildRunnerException { IsTransient: true },
            $"When the transport timed out, {ConformanceRun.Describe(thrown)}; it must be a TriggerOutcomeUnknownException, or a transient BuildRunnerException where the runner knows that nothing was created.");
    }

    private static async Task RateLimitCarriesDelay(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await run.InjectAsync(ConformanceFault.RateLimited).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true } limited && limited.RetryAfter == run.Harness.InjectedRetryAfter,
            $"When the backend asked to be left alone for {run.Harness.InjectedRetryAfter}, {ConformanceRun.Describe(thrown)} (RetryAfter {(thrown as BuildRunnerException)?.RetryAfter}); it must be transient and carry that delay.");
    }

    private static (string Name, Func<CancellationToken, Task> Call)[] Members(ConformanceRun run, BuildRequest request, BuildId buildId) =>
    [
        ("Trigger", token => run.Runner.TriggerAsync(request, token)),
        ("Status", token => run.Runner.StatusAsync(buildId, token)),
        ("Cancel", token => run.Runner.CancelAsync(buildId, token)),
    ];
}
