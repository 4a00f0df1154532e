namespace BuildRunner.Testing;

/// <summary>The cases of the clause on what it means that Trigger throws.</summary>
internal static class RejectionCases
{
    private static readonly ConformanceFault[] Faults = [ConformanceFault.TimedOut, ConformanceFault.RateLimited, ConformanceFault.Refused, ConformanceFault.AnswerLost];

    public static IEnumerable<ConformanceCase> All =>
    [
        new("T4", "A null request is refused", NullIsRefused),
        new("T4", "A rejected request throws and is not transient", RejectedThrows),
        new("T4", "A rejected request creates nothing", RejectedCreatesNothing),
        new("T4", "Whatever else Trigger throws, nothing was created", NothingIsCreated),
    ];

    /// <summary>Tells whether an exception says that the request is refused for good: that nothing was created, and that neither time nor another setup would help.</summary>
    public static bool IsOfTheRequest(Exception? thrown) =>
        thrown is BuildRunnerException { IsTransient: false } and not (TriggerOutcomeUnknownException or BuildRunnerConfigurationException or BuildNotFoundException);

    private static async Task NullIsRefused(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(null!, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(thrown is ArgumentNullException, $"For a null request {ConformanceRun.Describe(thrown)}; it must be an ArgumentNullException.", thrown);
    }

    private static async Task RejectedThrows(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Rejected).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(
            IsOfTheRequest(thrown),
            $"For a rejected request {ConformanceRun.Describe(thrown)}; the request is at fault for good, so it must be a BuildRunnerException that is not transient, and none of its subclasses in the contract.",
            thrown);
    }

    private static async Task RejectedCreatesNothing(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Rejected).ConfigureAwait(false);
        var before = await CountAsync(run).ConfigureAwait(false);
        await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(created == 0, $"A rejected request must create no build; it created {created}.");
    }

    private static async Task NothingIsCreated(ConformanceRun run)
    {
        var isTried = false;
        await CountAsync(run).ConfigureAwait(false);
        foreach (var fault in Faults)
        {
            // With a key and without one, because a runner that knows keys has another way to go with each.
            foreach (var key in new[] { null, KeyCases.NewKey() })
            {
                isTried |= await TryAsync(run, fault, key).ConfigureAwait(false);
            }
        }

        if (!isTried)
        {
            throw new ConformanceSkipException("The harness can inject no fault into Trigger.");
        }
    }

    // That a count stays proves something only if it rises with a build.
    private static async Task<int> CountAsync(ConformanceRun run)
    {
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var after = await run.CountCreatesAsync().ConfigureAwait(false);
        return after > before ? after : throw CheckedHarness.Fault($"{nameof(ConformanceHarness.CountCreatesAsync)} gave {before} before a build was triggered, and {after} after it");
    }

    private static async Task<bool> TryAsync(ConformanceRun run, ConformanceFault fault, string? key)
    {
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false) with { TriggerKey = key };
        if (await run.TryInjectAsync(fault, ConformanceCall.Trigger).ConfigureAwait(false) is not { } injection)
        {
            return false;
        }

        // An instance of its own, which nobody has asked to wait yet.
        var runner = run.CreateRunner();
        var thrown = await run.CatchAsync(injection, ConformanceCall.Trigger, () => runner.TriggerAsync(request, run.CancellationToken)).ConfigureAwait(false);
        run.CheckReached(injection, fault, ConformanceCall.Trigger);
        await injection.DisposeAsync().ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(
            created == 0 || thrown is not BuildRunnerException or TriggerOutcomeUnknownException,
            $"Trigger created a build (in all {created}) when its call met the fault {fault}, and {ConformanceRun.Describe(thrown)}; that says that there is none, so it must be a TriggerOutcomeUnknownException.",
            thrown);
        return true;
    }
}
