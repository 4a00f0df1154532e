namespace BuildRunner.Git.Engine;

/// <summary>What a runner does, whatever machine the program was compiled for.</summary>
internal interface IGitBuildEngine
{
    /// <summary>Makes a build, and sees to it that it is run.</summary>
    Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken);

    /// <summary>Gets how a build stands.</summary>
    BuildSnapshot Read(BuildId buildId);

    /// <summary>Asks for a build to be stopped.</summary>
    Task CancelAsync(BuildId buildId);

    /// <summary>Opens the output of a build.</summary>
    Stream OpenLog(BuildId buildId);

    /// <summary>Gets the build that has a key.</summary>
    BuildId? Find(string triggerKey);

    /// <summary>Begins to run what is to be run.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops what runs, and leaves it and what waits to other processes.</summary>
    Task StopAsync();
}
