namespace BuildRunner;

/// <summary>Represents a runner that can find a build by its trigger key.</summary>
/// <remarks>Use <see cref="BuildRunnerExtensions.As{T}"/> to find it. A runner implements it if, and only if, a later trigger with the same
/// key returns the same build while the backend keeps that build. Safe for concurrent use. Runners implement it, so it gains no
/// members.</remarks>
public interface IBuildFinder
{
    /// <summary>Finds the build that was triggered with a key.</summary>
    /// <param name="triggerKey">The <see cref="BuildRequest.TriggerKey"/>. Text that is not a valid key finds no build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>.</param>
    /// <returns>The id of the build, or <see langword="null"/> if there is none. While the trigger may still be running,
    /// <see langword="null"/> proves nothing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="triggerKey"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly.</exception>
    /// <exception cref="BuildRunnerException">The call failed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default);
}
