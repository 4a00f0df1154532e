namespace BuildRunner.Testing;

/// <summary>Provides the cases for the exceptions of Trigger.</summary>
internal static class RejectionCases
{
    private static readonly ConformanceFault[] Faults =
    [
        ConformanceFault.TimedOut,
        ConformanceFault.RateLimited,
        ConformanceFault.Refused,
        ConformanceFault.AnswerLost,
    ];

    public static IEnumerable<ConformanceCase> All =>
    [
        new("T4", "A null request is refused", NullIsRefused),
        new("T4", "A rejected request throws and is not transient", RejectedThrows),
        new("T4", "A rejected request creates nothing", RejectedCreatesNothing),
        new("T4", "Whatever else Trigger throws, nothing was created", NothingIsCreated),
    ];

    /// <summary>Determines whether an exception means that the request is rejected for good: nothing was created, and neither time nor
    /// another setup would help.</summary>
    public static bool IsOfTheRequest(Exception? thrown) =>
        thrown is BuildRunnerException { IsTransient: false }
            and not (TriggerOutcomeUnknownException or BuildRunnerConfigurationException or BuildNotFoundException);

    private static async Task NullIsRefused(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(null!, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is ArgumentNullException,
            $"For a null request, {ConformanceRun.Describe(thrown)}; it must be an ArgumentNullException.",
            thrown);
    }

    private static async Task RejectedThrows(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Rejected).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(
            IsOfTheRequest(thrown),
            $"For a rejected request, {ConformanceRun.Describe(thrown)}; the request is to blame for good, so it must be a "
            + "BuildRunnerException that is not transient, and none of its subclasses in the contract.",
            thrown);
    }

    private static async Task RejectedCreatesNothing(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Rejected).ConfigureAwait(false);
        var before = await CountAsync(run).ConfigureAwait(false);
        await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(created == 0, $"A rejected request created {created} builds; it must create none.");
    }

    private static async Task NothingIsCreated(ConformanceRun run)
    {
        var isTried = false;
        await CountAsync(run).ConfigureAwait(false);
        foreach (var fault in Faults)
        {
            // With a key and without, because a runner that supports keys may take another path for each.
            foreach (var key in new[] { null, KeyCases.NewKey() })
            {
                isTried |= await TryAsync(run, fault, key).ConfigureAwait(false);
            }
        }

        if (!isTried)
        {
            throw new ConformanceSkipException("The harness cannot inject a fault into Trigger.");
        }
    }

    // A constant count proves something only if a build increases it.
    private static async Task<int> CountAsync(ConformanceRun run)
    {
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var after = await run.CountCreatesAsync().ConfigureAwait(false);
        return after > before
            ? after
            : throw CheckedHarness.Fault(
                $"{nameof(ConformanceHarness.CountCreatesAsync)} returned {before} before a build was triggered, and {after} after it");
    }

    private static async Task<bool> TryAsync(ConformanceRun run, ConformanceFault fault, string? key)
    {
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false) with { TriggerKey = key };
        if (await run.TryInjectAsync(fault, ConformanceCall.Trigger).ConfigureAwait(false) is not { } injection)
        {
            return false;
        }

        // A new instance, which was not asked to wait yet.
        var runner = run.CreateRunner();
        var thrown = await run.CatchAsync(
            injection,
            ConformanceCall.Trigger,
            () => runner.TriggerAsync(request, run.CancellationToken)).ConfigureAwait(false);
        run.CheckReached(injection, fault, ConformanceCall.Trigger);
        await injection.DisposeAsync().ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(
            created == 0 || thrown is not BuildRunnerException or TriggerOutcomeUnknownException,
            $"Trigger met the fault {fault} and created a build ({created} in all), although {ConformanceRun.Describe(thrown)}; that "
            + "means that there is none, so it must be a TriggerOutcomeUnknownException.",
            thrown);
        return true;
    }
}
