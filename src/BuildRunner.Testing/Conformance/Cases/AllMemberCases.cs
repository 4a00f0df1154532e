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
        new("A4", "No credential is in an exception", NoSecretInExceptions),
        new("A4", "No credential is in the metadata", NoSecretInMetadata),
        new("A4", "No credential is in the log", NoSecretInLogs),
    ];

    private static async Task MembersAreThreadSafe(ConformanceRun run)
    {
        var requests = Enumerable.Range(0, run.Harness.ParallelCalls).Select(_ => run.Request(ConformanceBuild.Succeeds)).ToList();
        var snapshots = await run.InParallelAsync(async index =>
        {
            var buildId = await run.Runner.TriggerAsync(requests[index], run.CancellationToken).ConfigureAwait(false);
            var first = await run.Runner.StatusAsync(buildId, run.CancellationToken).ConfigureAwait(false);
            await run.Runner.CancelAsync(buildId, run.CancellationToken).ConfigureAwait(false);
            var second = await run.Runner.StatusAsync(buildId, run.CancellationToken).ConfigureAwait(false);
            return (BuildId: buildId, First: first, Second: second);
        }).ConfigureAwait(false);
        foreach (var (buildId, first, second) in snapshots)
        {
            ConformanceRun.Check(!first.Status.IsTerminal() || first.Status == second.Status, $"Under concurrency the build '{buildId}' went from {first.Status} to {second.Status}.");
        }
    }

    private static async Task CancelledTokenIsItself(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        var cancelled = new CancellationToken(canceled: true);
        foreach (var (name, call) in new (string, Func<Task>)[]
        {
            ("Trigger", () => run.Runner.TriggerAsync(request, cancelled)),
            ("Status", () => run.Runner.StatusAsync(buildId, cancelled)),
            ("Cancel", () => run.Runner.CancelAsync(buildId, cancelled)),
        })
        {
            var thrown = await run.CatchAsync(call, name).ConfigureAwait(false);
            ConformanceRun.Check(thrown is null or OperationCanceledException, $"{name} with a cancelled token: {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException, or the call completes.");
        }
    }

    private static async Task HangingCallIsAbandoned(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await run.InjectAsync(ConformanceFault.Hangs).ConfigureAwait(false);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
        var call = run.Runner.StatusAsync(buildId, caller.Token);
        ConformanceRun.Check(!call.IsCompleted, "Status has completed although its backend does not answer; the harness did not let it hang.");
        await caller.CancelAsync().ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => call, "Status").ConfigureAwait(false);
        ConformanceRun.Check(thrown is OperationCanceledException, $"When the caller's token was cancelled, {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException.");
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
            thrown is null or TriggerOutcomeUnknownException or BuildRunnerException { IsTransient: true },
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

    private static async Task NoSecretInExceptions(ConformanceRun run)
    {
        var secrets = Secrets(run);
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        List<Exception?> thrown =
        [
            await run.CatchAsync(() => run.Runner.StatusAsync(run.Harness.UnknownBuildId, run.CancellationToken), "Status").ConfigureAwait(false),
            await run.CatchAsync(() => run.Runner.CancelAsync(run.Harness.UnknownBuildId, run.CancellationToken), "Cancel").ConfigureAwait(false),
        ];
        foreach (var fault in new[] { ConformanceFault.TimedOut, ConformanceFault.RateLimited, ConformanceFault.AnswerLost })
        {
            if (await run.Harness.InjectAsync(fault, run.CancellationToken).ConfigureAwait(false))
            {
                thrown.Add(await run.CatchAsync(() => run.Runner.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false));
            }
        }

        foreach (var exception in thrown.OfType<Exception>())
        {
            // All of it: message, inner exceptions, data.
            var text = exception + string.Join('\n', exception.Data.Values.Cast<object?>());
            ConformanceRun.Check(!secrets.Any(secret => text.Contains(secret, StringComparison.Ordinal)), $"A credential of the runner is in the {exception.GetType()} that it threw.");
        }
    }

    private static async Task NoSecretInMetadata(ConformanceRun run)
    {
        var secrets = Secrets(run);
        var (_, snapshot) = await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        var shown = snapshot.Metadata.FirstOrDefault(pair => secrets.Any(secret => pair.Value.Contains(secret, StringComparison.Ordinal)));
        ConformanceRun.Check(shown.Key is null, $"A credential of the runner is in the metadata under '{shown.Key}'.");
    }

    private static async Task NoSecretInLogs(ConformanceRun run)
    {
        var secrets = Secrets(run);
        await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        await run.CatchAsync(() => run.Runner.StatusAsync(run.Harness.UnknownBuildId, run.CancellationToken), "Status").ConfigureAwait(false);
        var lines = run.Harness.CapturedLogs ?? throw new ConformanceSkipException("The harness does not capture logs.");
        ConformanceRun.Check(!lines.Any(line => secrets.Any(secret => line.Contains(secret, StringComparison.Ordinal))), "A credential of the runner is in a line that it logged.");
    }

    private static IReadOnlyList<string> Secrets(ConformanceRun run) => run.Harness.Secrets is { Count: > 0 } secrets
        ? secrets
        : throw new ConformanceSkipException("The harness names no credentials.");
}
