namespace BuildRunner.Testing;

/// <summary>Records the builds that a case triggers, so that they can be stopped when the case ends.</summary>
internal sealed class RecordingRunner(IBuildRunner inner, TriggeredBuilds triggered) : DelegatingBuildRunner(inner)
{
    /// <summary>Gets the reader of the runner itself. This decorator does not change it.</summary>
    public IBuildStatusReader? Reader => Inner.As<IBuildStatusReader>();

    public override Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var call = base.TriggerAsync(request, cancellationToken);
        return call is null
            ? throw new InvalidOperationException("TriggerAsync returned null instead of a task.")
            : RecordAsync(call, request?.TriggerKey);
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
