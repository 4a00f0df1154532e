namespace BuildRunner;

/// <summary>Represents a runner that provides the output of its builds.</summary>
/// <remarks>Use <see cref="BuildRunnerExtensions.As{T}"/> to find it. Safe for concurrent use; each stream is for one reader. Runners
/// implement it, so it gains no members.</remarks>
public interface IBuildLogSource
{
    /// <summary>Opens the output of a build. The build may still be running.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>A readable stream of the output from its beginning, byte for byte as the build wrote it. The caller disposes it. The stream
    /// ends where the output ended when it was read; that does not mean that the build has ended, so ask for its status. If the output
    /// comes from a service and breaks off, reading throws a <see cref="BuildRunnerException"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">The build is not known, or not visible to the runner's credentials.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default);
}
