namespace BuildRunner.Testing;

/// <summary>The members of a runner, each ready to be called: with a request of its own, and with a build that runs where there is one, so that no runner can answer from what it knows to have ended.</summary>
internal sealed record ConformanceMembers(IBuildRunner Runner, BuildRequest Request, BuildId BuildId)
{
    public static async Task<ConformanceMembers> CreateAsync(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(await run.LongRequestAsync().ConfigureAwait(false)).ConfigureAwait(false);
        return new ConformanceMembers(run.Runner, await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false), buildId);
    }

    public Task Call(ConformanceCall call, CancellationToken cancellationToken) => call switch
    {
        ConformanceCall.Trigger => Runner.TriggerAsync(Request, cancellationToken),
        ConformanceCall.Status => Runner.StatusAsync(BuildId, cancellationToken),
        _ => Runner.CancelAsync(BuildId, cancellationToken),
    };
}
