namespace BuildRunner.AotApp;

internal static class WaitingChecks
{
    private static readonly BuildWaitOptions Options = new() { Timeout = TimeSpan.FromMinutes(1) };

    public static async Task RunAsync(Checks checks)
    {
        var scripted = new ScriptedRunner();
        var runner = new TransparentRunner(scripted);
        var buildId = await runner.TriggerAsync(new BuildRequest());

        List<string> seen = [];
        await foreach (var snapshot in runner.WatchAsync(buildId, Options))
        {
            seen.Add($"{snapshot.Status} {snapshot.Metadata}");
        }

        checks.Equal("what a watch yields", "Accepted [], Running [], Running [attempt], Failed [failure_kind]", string.Join(", ", seen));
        checks.Equal("how a wait ends", BuildStatus.Failed, (await runner.WaitForCompletionAsync(buildId, Options)).Status);
        await CheckCapabilitiesAsync(checks, scripted, runner, buildId);
    }

    private static async Task CheckCapabilitiesAsync(Checks checks, ScriptedRunner scripted, TransparentRunner runner, BuildId buildId)
    {
        checks.Same("a side interface behind a decorator", scripted, runner.As<IBuildLogSource>());
        checks.Equal("a side interface that nobody has", null, runner.As<IBuildFinder>());
        checks.Equal("a side interface behind a decorator that hides it", null, new OpaqueRunner(runner).As<IBuildLogSource>());
        using var reader = new StreamReader(await runner.As<IBuildLogSource>()!.OpenLogAsync(buildId));
        checks.Equal("the log", "The log of scripted.", await reader.ReadToEndAsync());
    }
}
