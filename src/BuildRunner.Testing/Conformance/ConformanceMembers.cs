namespace BuildRunner.Testing;

/// <summary>Calls the members of a runner, with a new request and, if there is one, a running build, so that no runner can answer from the
/// knowledge that the build has ended.</summary>
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
