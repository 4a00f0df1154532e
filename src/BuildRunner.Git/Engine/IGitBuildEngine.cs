namespace BuildRunner.Git.Engine;

/// <summary>Represents the implementation of the runner, independent of the platform.</summary>
internal interface IGitBuildEngine
{
    /// <summary>Creates a build and queues it.</summary>
    Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken);

    /// <summary>Gets the status of a build.</summary>
    BuildSnapshot Read(BuildId buildId);

    /// <summary>Requests the cancellation of a build.</summary>
    Task CancelAsync(BuildId buildId);

    /// <summary>Opens the output of a build.</summary>
    Stream OpenLog(BuildId buildId);

    /// <summary>Finds the build of a trigger key.</summary>
    BuildId? Find(string triggerKey);

    /// <summary>Starts running queued builds.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops the running builds and returns them to the queue.</summary>
    Task StopAsync();
}
