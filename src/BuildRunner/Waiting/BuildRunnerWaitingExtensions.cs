using System.Runtime.CompilerServices;

namespace BuildRunner;

/// <summary>
/// Provides waiting in this process for a build of any runner. What must survive a restart of the process needs more than this.
/// </summary>
/// <remarks>
/// The runner is called with the caller's own token. A build is asked for at once, then every 5 seconds while it is accepted or unknown and every 2 seconds while it runs. <see cref="BuildSnapshot.PollAfter"/>, or <see cref="BuildRunnerException.RetryAfter"/> after a transient error, takes the place of these, clamped to 0.5 seconds to 10 minutes. Each delay is made up to 20 % longer by chance, never shorter, so that many waits do not ask together.
/// </remarks>
public static class BuildRunnerWaitingExtensions
{
    /// <summary>
    /// Waits until a build has ended.
    /// </summary>
    /// <param name="runner">The runner of the build.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="options">How to wait; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">A token that ends the wait. The build goes on.</param>
    /// <returns>The first terminal snapshot.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">The build is not known to the runner.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly. This ends the wait at once and says nothing about the build; wait again when the setup is mended.</exception>
    /// <exception cref="BuildRunnerException">The runner failed for good, or for the fifth time in a row with a transient error.</exception>
    /// <exception cref="InvalidOperationException">The runner broke the contract: it returned no snapshot or one without a status, as a mock does that was told nothing, or ended the call as cancelled although nobody had cancelled it.</exception>
    /// <exception cref="TimeoutException"><see cref="BuildWaitOptions.Timeout"/> has passed. The build goes on.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled. The build goes on.</exception>
    public static Task<BuildSnapshot> WaitForCompletionAsync(
        this IBuildRunner runner,
        BuildId buildId,
        BuildWaitOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        BuildId.ThrowIfDefault(buildId);
        return WaitAsync(runner, buildId, options ?? BuildWaitOptions.Default, cancellationToken);
    }

    /// <summary>
    /// Watches a build until it has ended.
    /// </summary>
    /// <param name="runner">The runner of the build.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="options">How to wait; <see langword="null"/> for the defaults. The time-out counts from the start of the enumeration and includes what the consumer takes between two snapshots.</param>
    /// <param name="cancellationToken">A token that ends the enumeration. The build goes on.</param>
    /// <returns>The first snapshot, then each whose status or metadata differ from those before, and last the first terminal one. Each enumeration is a wait of its own.</returns>
    /// <remarks>While it is enumerated, it throws what <see cref="WaitForCompletionAsync"/> throws.</remarks>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly. This ends the enumeration at once and says nothing about the build; watch again when the setup is mended.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    public static IAsyncEnumerable<BuildSnapshot> WatchAsync(
        this IBuildRunner runner,
        BuildId buildId,
        BuildWaitOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        BuildId.ThrowIfDefault(buildId);
        return EnumerateAsync(runner, buildId, options ?? BuildWaitOptions.Default, cancellationToken);
    }

    private static async Task<BuildSnapshot> WaitAsync(IBuildRunner runner, BuildId buildId, BuildWaitOptions options, CancellationToken cancellationToken)
    {
        using var poll = new BuildPoll(runner, buildId, options, cancellationToken);
        while (true)
        {
            var snapshot = await poll.NextAsync().ConfigureAwait(false);
            if (snapshot.Status.IsTerminal())
            {
                return snapshot;
            }
        }
    }

    private static async IAsyncEnumerable<BuildSnapshot> EnumerateAsync(
        IBuildRunner runner,
        BuildId buildId,
        BuildWaitOptions options,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var poll = new BuildPoll(runner, buildId, options, cancellationToken);
        BuildSnapshot? last = null;
        while (last is null || !last.Status.IsTerminal())
        {
            var snapshot = await poll.NextAsync().ConfigureAwait(false);
            if (last is null || snapshot.Status != last.Status || snapshot.Metadata != last.Metadata)
            {
                yield return snapshot;
            }

            last = snapshot;
        }
    }
}
