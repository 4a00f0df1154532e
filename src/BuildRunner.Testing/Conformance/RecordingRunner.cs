namespace BuildRunner.Testing;

/// <summary>Remembers what a case has triggered, so that nothing of it goes on when the case has ended.</summary>
internal sealed class RecordingRunner(IBuildRunner inner, TriggeredBuilds triggered) : DelegatingBuildRunner(inner)
{
    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var call = base.TriggerAsync(request, cancellationToken);
        return call is null ? throw new InvalidOperationException("TriggerAsync returned no task.") : RecordAsync(call);
    }

    private async Task<BuildId> RecordAsync(Task<BuildId> call)
    {
        var buildId = await call.ConfigureAwait(false);
        if (!buildId.IsDefault)
        {
            triggered.Add(Inner, buildId);
        }

        return buildId;
    }
}
