namespace BuildRunner.Testing;

/// <summary>The cases of the clauses that hold for every member.</summary>
internal static class AllMemberCases
{
    // A backend that says until when, and not for how long, says it to the second.
    private static readonly TimeSpan DelayTolerance = TimeSpan.FromSeconds(1);

    public static IEnumerable<ConformanceCase> All =>
    [
        new("A1", "Every member may be called concurrently", MembersAreThreadSafe),
        new("A2", "A cancelled token ends a call by itself or not at all", CancelledTokenIsItself),
        new("A2", "A call that hangs is abandoned when its token is cancelled", HangingCallIsAbandoned),
        new("A2", "The token of a trigger does not stop the build", TokenDoesNotStopTheBuild) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("A2", "A time-out of the transport in Trigger is an unknown outcome or a transient error", TriggerTimeOutIsUnknown),
        new("A2", "A time-out of the transport in Status is a transient error", run => TimeOutIsTransient(run, ConformanceCall.Status)),
        new("A2", "A time-out of the transport in Cancel is a transient error", run => TimeOutIsTransient(run, ConformanceCall.Cancel)),
        new("A3", "A rate limit in Trigger is transient and carries the backend's delay", run => RateLimitCarriesDelay(run, ConformanceCall.Trigger)),
        new("A3", "A rate limit in Status is transient and carries the backend's delay", run => RateLimitCarriesDelay(run, ConformanceCall.Status)),
        new("A3", "A rate limit in Cancel is transient and carries the backend's delay", run => RateLimitCarriesDelay(run, ConformanceCall.Cancel)),
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
        foreach (var (call, member) in await MembersAsync(run).ConfigureAwait(false))
        {
            var thrown = await run.CatchAsync(() => member(new CancellationToken(canceled: true)), call.ToString()).ConfigureAwait(false);
            ConformanceRun.Check(
                thrown is null or OperationCanceledException,
                $"{call} with a cancelled token: {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException, or the call completes.",
                thrown);
        }
    }

    private static async Task HangingCallIsAbandoned(ConformanceRun run)
    {
        foreach (var (call, member) in await MembersAsync(run).ConfigureAwait(false))
        {
            var injection = await run.InjectAsync(ConformanceFault.Hangs, call).ConfigureAwait(false);
            using var caller = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
            var hanging = member(caller.Token);
            await run.FinishAsync(Task.WhenAny(injection.Reached, hanging), $"{call} has neither returned nor met the fault that the harness was asked to inject.").ConfigureAwait(false);
            ConformanceRun.CheckReached(injection, ConformanceFault.Hangs, call);
            await caller.CancelAsync().ConfigureAwait(false);
            var thrown = await run.CatchAsync(() => hanging, call.ToString()).ConfigureAwait(false);
            ConformanceRun.Check(
                thrown is OperationCanceledException,
                $"When the caller's token was cancelled during {call}, {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException.",
                thrown);
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

    private static async Task TriggerTimeOutIsUnknown(ConformanceRun run)
    {
        var thrown = await FailAsync(run, ConformanceFault.TimedOut, ConformanceCall.Trigger).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is TriggerOutcomeUnknownException or BuildRunnerException { IsTransient: true },
            $"When the transport timed out, {ConformanceRun.Describe(thrown)}; it must be a TriggerOutcomeUnknownException, or a transient BuildRunnerException where the runner knows that nothing was created.",
            thrown);
    }

    private static async Task TimeOutIsTransient(ConformanceRun run, ConformanceCall call)
    {
        var thrown = await FailAsync(run, ConformanceFault.TimedOut, call).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true },
            $"When the transport timed out in {call}, {ConformanceRun.Describe(thrown)}; the caller has cancelled nothing, so it must be a transient BuildRunnerException.",
            thrown);
    }

    private static async Task RateLimitCarriesDelay(ConformanceRun run, ConformanceCall call)
    {
        var thrown = await FailAsync(run, ConformanceFault.RateLimited, call).ConfigureAwait(false);
        var expected = run.Harness.InjectedRetryAfter;
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true, RetryAfter: { } delay } && (delay - expected).Duration() <= DelayTolerance,
            $"When the backend asked to be left alone for {expected}, {ConformanceRun.Describe(thrown)} (RetryAfter {(thrown as BuildRunnerException)?.RetryAfter}); it must be transient and carry that delay, to the second.",
            thrown);
    }

    private static async Task<Exception?> FailAsync(ConformanceRun run, ConformanceFault fault, ConformanceCall call)
    {
        var members = await MembersAsync(run).ConfigureAwait(false);
        return await run.CatchAsync(fault, call, () => members[call](run.CancellationToken)).ConfigureAwait(false);
    }

    // The build is one that runs, so that no runner can answer from what it knows to have ended.
    private static async Task<IReadOnlyDictionary<ConformanceCall, Func<CancellationToken, Task>>> MembersAsync(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(run.Has(BuildRunnerCapabilities.RunsBuilds) ? ConformanceBuild.RunsLong : ConformanceBuild.Succeeds).ConfigureAwait(false);
        var request = run.Request(ConformanceBuild.Succeeds);
        return new Dictionary<ConformanceCall, Func<CancellationToken, Task>>
        {
            [ConformanceCall.Trigger] = token => run.Runner.TriggerAsync(request, token),
            [ConformanceCall.Status] = token => run.Runner.StatusAsync(buildId, token),
            [ConformanceCall.Cancel] = token => run.Runner.CancelAsync(buildId, token),
        };
    }
}
