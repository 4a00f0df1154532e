namespace BuildRunner.Testing;

/// <summary>Provides the cases for concurrency, tokens and transient errors, which apply to every member.</summary>
internal static class AllMemberCases
{
    // A backend that gives a time instead of a delay gives it to the second.
    private static readonly TimeSpan DelayTolerance = TimeSpan.FromSeconds(1);

    public static IEnumerable<ConformanceCase> All =>
    [
        new("A1", "Every member may be called concurrently", MembersAreThreadSafe),
        new("A1", "One build may be asked for concurrently", OneBuildIsThreadSafe),
        new("A1", "Concurrent cancels stop their own builds and no others", CancelsAreThreadSafe)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("A2", "A cancelled token ends a call by itself or not at all", CancelledTokenIsItself),
        new(
            "A2",
            "A trigger that hangs is abandoned when its token is cancelled",
            run => HangingCallIsAbandoned(run, ConformanceCall.Trigger)),
        new(
            "A2",
            "A status that hangs is abandoned when its token is cancelled",
            run => HangingCallIsAbandoned(run, ConformanceCall.Status)),
        new(
            "A2",
            "A cancel that hangs is abandoned when its token is cancelled",
            run => HangingCallIsAbandoned(run, ConformanceCall.Cancel)),
        new("A2", "The token of a trigger does not stop the build", TokenDoesNotStopTheBuild)
        {
            Requires = BuildRunnerCapabilities.RunsBuilds,
        },
        new("A2", "A time-out of the transport in Trigger is an unknown outcome or a transient error", TriggerTimeOutIsUnknown),
        new("A2", "A time-out of the transport in Status is a transient error", run => TimeOutIsTransient(run, ConformanceCall.Status)),
        new("A2", "A time-out of the transport in Cancel is a transient error", run => TimeOutIsTransient(run, ConformanceCall.Cancel)),
        new(
            "A3",
            "A rate limit in Trigger is transient and carries the backend's delay",
            run => RateLimitCarriesDelay(run, ConformanceCall.Trigger)),
        new(
            "A3",
            "A rate limit in Status is transient and carries the backend's delay",
            run => RateLimitCarriesDelay(run, ConformanceCall.Status)),
        new(
            "A3",
            "A rate limit in Cancel is transient and carries the backend's delay",
            run => RateLimitCarriesDelay(run, ConformanceCall.Cancel)),
    ];

    private static async Task MembersAreThreadSafe(ConformanceRun run)
    {
        ConformanceBuild[] kinds = run.Has(BuildRunnerCapabilities.RunsBuilds)
            ? [ConformanceBuild.Succeeds, ConformanceBuild.Fails]
            : [ConformanceBuild.Succeeds];
        List<(ConformanceBuild Kind, BuildRequest Request)> builds = [];
        for (var index = 0; index < run.Harness.ParallelCalls; index++)
        {
            var kind = kinds[index % kinds.Length];
            builds.Add((kind, await run.RequestAsync(kind).ConfigureAwait(false)));
        }

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
                $"With concurrent calls, the build '{end.BuildId}' ({build.Kind}) has ended as {end.Status}; builds must not be mixed up.");
        }
    }

    private static async Task OneBuildIsThreadSafe(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(await run.LongRequestAsync().ConfigureAwait(false)).ConfigureAwait(false);
        var thrown = await run.InParallelAsync(_ => run.CatchAsync(() => run.StatusAsync(buildId), "Status")).ConfigureAwait(false);
        Check(thrown);
        thrown = await run.InParallelAsync(_ => run.CatchAsync(() => run.CancelAsync(buildId), "Cancel")).ConfigureAwait(false);
        Check(thrown);

        static void Check(IEnumerable<Exception?> thrown)
        {
            var first = thrown.FirstOrDefault(static each => each is not null);
            ConformanceRun.Check(first is null, $"With concurrent calls for one build, {ConformanceRun.Describe(first)}.", first);
        }
    }

    private static async Task CancelsAreThreadSafe(ConformanceRun run)
    {
        var requests = await run.RequestsAsync(ConformanceBuild.RunsLong, 2 * run.Harness.ParallelCalls).ConfigureAwait(false);
        var builds = await run.InParallelAsync(async index =>
        {
            var stopped = await run.TriggerAsync(requests[2 * index]).ConfigureAwait(false);
            var spared = await run.TriggerAsync(requests[(2 * index) + 1]).ConfigureAwait(false);
            await run.CancelAsync(stopped).ConfigureAwait(false);
            return (Stopped: stopped, Ended: await run.WaitForCancelledOnceAsync(stopped).ConfigureAwait(false), Spared: spared);
        }).ConfigureAwait(false);
        var lost = builds.Where(static build => build.Ended is null).ToList();
        if (lost.Count == builds.Length)
        {
            throw ConformanceRun.NotEnded();
        }

        // A backend may accept and lose a cancel now and then. A runner that mixes up its callers loses most of them.
        ConformanceRun.Check(
            2 * lost.Count < builds.Length,
            $"Of {builds.Length} builds that were cancelled concurrently, {builds.Length - lost.Count} ended; each call must stop its "
            + "own.");
        foreach (var (stopped, _, _) in lost)
        {
            await run.CancelToEndAsync(stopped).ConfigureAwait(false);
        }

        foreach (var (_, _, buildId) in builds)
        {
            await run.CheckGoesOnAsync(buildId, "others were cancelled concurrently").ConfigureAwait(false);
        }
    }

    private static async Task CancelledTokenIsItself(ConformanceRun run)
    {
        var members = await ConformanceMembers.CreateAsync(run).ConfigureAwait(false);
        CancellationToken cancelled = new(canceled: true);
        foreach (var call in Enum.GetValues<ConformanceCall>())
        {
            await CheckAsync(call.ToString(), () => members.Call(call, cancelled)).ConfigureAwait(false);
            if (call != ConformanceCall.Cancel)
            {
                await run.CheckGoesOnAsync(members.BuildId, $"the token of a {call} was cancelled").ConfigureAwait(false);
            }
        }

        if (run.Has(BuildRunnerCapabilities.FindsByKey))
        {
            await CheckAsync("Find", () => run.Finder.FindAsync(KeyCases.NewKey(), cancelled)).ConfigureAwait(false);
        }

        async Task CheckAsync(string name, Func<Task> member)
        {
            var thrown = await run.CatchAsync(member, name).ConfigureAwait(false);
            ConformanceRun.Check(
                thrown is null or OperationCanceledException,
                $"With a cancelled token, {name}: {ConformanceRun.Describe(thrown)}; it must complete or throw an "
                + "OperationCanceledException.",
                thrown);
        }
    }

    private static async Task HangingCallIsAbandoned(ConformanceRun run, ConformanceCall call)
    {
        var members = await ConformanceMembers.CreateAsync(run).ConfigureAwait(false);
        var injection = await run.InjectAsync(ConformanceFault.Hangs, call).ConfigureAwait(false);
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
        var hanging = ConformanceRun.Start(() => members.Call(call, caller.Token));
        await run.FinishAsync(
            Task.WhenAny(injection.Reached, hanging),
            $"{call} has neither returned nor met the injected fault; it must call the backend.").ConfigureAwait(false);
        run.CheckReached(injection, ConformanceFault.Hangs, call);
        await caller.CancelAsync().ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => hanging, call.ToString()).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is OperationCanceledException,
            $"When its token was cancelled during {call}, {ConformanceRun.Describe(thrown)}; it must be an OperationCanceledException.",
            thrown);
        await injection.DisposeAsync().ConfigureAwait(false);
        if (call != ConformanceCall.Cancel)
        {
            await run.CheckGoesOnAsync(members.BuildId, $"the token of a {call} was cancelled").ConfigureAwait(false);
        }
    }

    private static async Task TokenDoesNotStopTheBuild(ConformanceRun run)
    {
        using var caller = CancellationTokenSource.CreateLinkedTokenSource(run.CancellationToken);
        var request = await run.RequestAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        var buildId = await run.CompleteAsync(() => run.Runner.TriggerAsync(request, caller.Token), "Trigger").ConfigureAwait(false);
        await caller.CancelAsync().ConfigureAwait(false);
        await run.Harness.WaitAsync(run.CancellationToken).ConfigureAwait(false);
        await run.CheckGoesOnAsync(buildId, "the token of its trigger was cancelled").ConfigureAwait(false);
    }

    private static async Task TriggerTimeOutIsUnknown(ConformanceRun run)
    {
        var thrown = await FailAsync(run, ConformanceFault.TimedOut, ConformanceCall.Trigger).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is TriggerOutcomeUnknownException or BuildRunnerException { IsTransient: true },
            $"When the transport timed out, {ConformanceRun.Describe(thrown)}; it must be a TriggerOutcomeUnknownException, or a transient "
            + "BuildRunnerException if the runner knows that nothing was created.",
            thrown);
    }

    private static async Task TimeOutIsTransient(ConformanceRun run, ConformanceCall call)
    {
        var thrown = await FailAsync(run, ConformanceFault.TimedOut, call).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true },
            $"When the transport timed out in {call}, {ConformanceRun.Describe(thrown)}; the caller has not cancelled, so it must be a "
            + "transient BuildRunnerException.",
            thrown);
    }

    private static async Task RateLimitCarriesDelay(ConformanceRun run, ConformanceCall call)
    {
        var thrown = await FailAsync(run, ConformanceFault.RateLimited, call).ConfigureAwait(false);
        var expected = run.Harness.Harness.InjectedRetryAfter;
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: true, RetryAfter: { } delay } && (delay - expected).Duration() <= DelayTolerance,
            $"When the backend asked to wait {expected}, {ConformanceRun.Describe(thrown)} (RetryAfter "
            + $"{(thrown as BuildRunnerException)?.RetryAfter}); it must be transient and have that delay, to the second.",
            thrown);
    }

    private static async Task<Exception?> FailAsync(ConformanceRun run, ConformanceFault fault, ConformanceCall call)
    {
        var members = await ConformanceMembers.CreateAsync(run).ConfigureAwait(false);
        return await run.CatchAsync(fault, call, () => members.Call(call, run.CancellationToken)).ConfigureAwait(false);
    }
}
