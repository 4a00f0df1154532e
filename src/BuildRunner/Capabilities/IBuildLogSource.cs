namespace BuildRunner;

/// <summary>
/// Represents a runner that gives the output of its builds.
/// </summary>
/// <remarks>Found with <see cref="BuildRunnerExtensions.As{T}"/>. Safe for concurrent use; each stream has one reader. Runners implement
/// it, so it gains no members.</remarks>
public interface IBuildLogSource
{
    /// <summary>
    /// Opens the output of a build, also while the build runs.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>A readable stream from the beginning of the output, the bytes as the build wrote them. It ends where the output ended when it was read, which says nothing of the build's end: ask for its status. Reading throws a <see cref="BuildRunnerException"/> where the output comes from a service and breaks off. The caller disposes the stream.</returns>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">The build is not known, or not visible to the runner's credentials.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default);
}
