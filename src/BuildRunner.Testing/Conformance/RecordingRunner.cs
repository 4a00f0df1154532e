namespace BuildRunner.Testing;

/// <summary>Remembers what a case has triggered, so that nothing of it goes on when the case has ended.</summary>
internal sealed class RecordingRunner(IBuildRunner inner, TriggeredBuilds triggered) : DelegatingBuildRunner(inner)
{
    /// <summary>Gets what reads statuses by age: that of the runner itself, which nothing is changed of here.</summary>
    public IBuildStatusReader? Reader => Inner.As<IBuildStatusReader>();

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var call = base.TriggerAsync(request, cancellationToken);
        return call is null ? throw new InvalidOperationException("TriggerAsync returned no task.") : RecordAsync(call, request?.TriggerKey);
    }

    private async Task<BuildId> RecordAsync(Task<BuildId> call, string? key)
    {
        try
        {
            var buildId = await call.ConfigureAwait(false);
            if (!buildId.IsDefault)
            {
                triggered.Add(Inner, buildId);
            }

            return buildId;
        }
        catch (Exception exception) when (exception is TriggerOutcomeUnknownException or not BuildRunnerException)
        {
            if (key is not null && Inner.As<IBuildFinder>() is not null)
            {
                triggered.AddUnanswered(Inner, key);
            }

            throw;
        }
    }
}
