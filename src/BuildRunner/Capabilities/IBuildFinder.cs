namespace BuildRunner;

/// <summary>
/// Represents a runner that can find a build by the key of the trigger that created it.
/// </summary>
/// <remarks>
/// Found with <see cref="BuildRunnerExtensions.As{T}"/>. A runner implements it if, and only if, a later trigger with the same key returns
/// the same build for as long as the backend keeps it. Safe for concurrent use. Runners implement it, so it gains no members.
/// </remarks>
public interface IBuildFinder
{
    /// <summary>
    /// Finds the build that an earlier trigger with this key created.
    /// </summary>
    /// <param name="triggerKey">The <see cref="BuildRequest.TriggerKey"/> of that trigger. For a text that cannot be such a key there is no build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The id of the build, or <see langword="null"/> if there is none. While that trigger may still be under way, <see langword="null"/> proves nothing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="triggerKey"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default);
}
