namespace BuildRunner.Testing;

/// <summary>Provides the cases for a runner that is not set up correctly.</summary>
internal static class SetupCases
{
    private const ConformanceFault Fault = ConformanceFault.CredentialsRefused;

    public static IEnumerable<ConformanceCase> All =>
    [
        new(
            "A5",
            "A trigger whose credentials are refused says that the setup is at fault",
            run => RefusalIsOfTheSetup(run, ConformanceCall.Trigger)),
        new(
            "A5",
            "A status whose credentials are refused says that the setup is at fault",
            run => RefusalIsOfTheSetup(run, ConformanceCall.Status)),
        new(
            "A5",
            "A cancel whose credentials are refused says that the setup is at fault",
            run => RefusalIsOfTheSetup(run, ConformanceCall.Cancel)),
        new("A5", "The same runner works again when the setup is mended", WorksAgain),
    ];

    private static async Task RefusalIsOfTheSetup(ConformanceRun run, ConformanceCall call)
    {
        var without = await run.TryCountCreatesAsync().ConfigureAwait(false);
        var members = await ConformanceMembers.CreateAsync(run).ConfigureAwait(false);
        var before = await run.TryCountCreatesAsync().ConfigureAwait(false);
        if (before <= without)
        {
            throw CheckedHarness.Fault(
                $"{nameof(ConformanceHarness.CountCreatesAsync)} returned {without} before a build was triggered, and {before} after it");
        }

        var thrown = await run.CatchAsync(Fault, call, () => members.Call(call, run.CancellationToken)).ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerConfigurationException { IsTransient: false },
            $"When the backend refused the runner's credentials in {call}, {ConformanceRun.Describe(thrown)}; neither the request nor the "
            + "build is to blame, so it must be a BuildRunnerConfigurationException.",
            thrown);
        var created = await run.TryCountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(
            created is null or 0,
            $"When the backend refused the runner's credentials in {call}, {created} builds were created although the exception means "
            + "that there is none.");
    }

    private static async Task WorksAgain(ConformanceRun run)
    {
        var members = await ConformanceMembers.CreateAsync(run).ConfigureAwait(false);
        var isTried = false;
        foreach (var call in Enum.GetValues<ConformanceCall>())
        {
            if (await run.TryInjectAsync(Fault, call).ConfigureAwait(false) is not { } injection)
            {
                continue;
            }

            isTried = true;
            await run.CatchAsync(() => members.Call(call, run.CancellationToken), call.ToString()).ConfigureAwait(false);
            run.CheckReached(injection, Fault, call);
            await injection.DisposeAsync().ConfigureAwait(false);

            // After a refusal a runner may make no calls for a while.
            await run.WaitUntilAsync(
                () => run.CatchAsync(() => members.Call(call, run.CancellationToken), call.ToString()),
                static thrown => thrown is null,
                thrown => $"The backend accepts the runner's credentials again, but for {call} {ConformanceRun.Describe(thrown)}; the same "
                    + "instance must work again.").ConfigureAwait(false);
        }

        if (!isTried)
        {
            throw new ConformanceSkipException($"The harness cannot inject {Fault} into any call.");
        }
    }
}
