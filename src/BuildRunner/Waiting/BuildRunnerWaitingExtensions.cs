using System.Runtime.CompilerServices;

namespace BuildRunner;

/// <summary>Provides extension methods to wait for a build. A wait ends with this process; to wait across restarts, use the
/// orchestration.</summary>
/// <remarks>
/// <para>
/// The first poll is immediate. After that, the wait polls every 5 seconds while the build is accepted or unknown, and every 2 seconds
/// while it is running. A <see cref="BuildSnapshot.PollAfter"/>, or a <see cref="BuildRunnerException.RetryAfter"/> after a transient
/// error, replaces these delays, clamped to 0.5 seconds to 10 minutes. Each delay is randomly lengthened by up to 20 %, never shortened, so
/// that many waits do not poll at once.
/// </para>
/// <para>
/// The runner gets the caller's own token.
/// </para>
/// </remarks>
public static class BuildRunnerWaitingExtensions
{
    /// <summary>Waits for a build to end.</summary>
    /// <param name="runner">The runner of the build.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling ends the wait; the build continues.</param>
    /// <returns>The first terminal snapshot.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="runner"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="buildId"/> is default.</exception>
    /// <exception cref="BuildNotFoundException">The runner does not know the build.</exception>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly. This says nothing about the build, but ends
    /// the wait at once; wait again once the setup is fixed.</exception>
    /// <exception cref="BuildRunnerException">The runner failed for good, or failed with a transient error for the fifth time in a
    /// row.</exception>
    /// <exception cref="InvalidOperationException">The runner broke the contract. It returned no snapshot or one without a status, as a
    /// mock does that is not set up, or it ended the call as cancelled although nobody had cancelled it.</exception>
    /// <exception cref="TimeoutException"><see cref="BuildWaitOptions.Timeout"/> has elapsed. The build continues.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled. The build continues.</exception>
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

    /// <summary>Streams the snapshots of a build until it ends.</summary>
    /// <param name="runner">The runner of the build.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults. The timeout counts from the start of the enumeration
    /// and includes the time that the consumer spends between two snapshots.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests. The default is
    /// <see cref="CancellationToken.None"/>. Cancelling ends the enumeration; the build continues.</param>
    /// <returns>The first snapshot, then each snapshot with a status or metadata unlike the one before, and last the first terminal one.
    /// Each enumeration is a separate wait.</returns>
    /// <remarks>The enumeration throws the same exceptions as <see cref="WaitForCompletionAsync"/>.</remarks>
    /// <exception cref="BuildRunnerConfigurationException">The runner is not set up correctly. This says nothing about the build, but ends
    /// the enumeration at once; watch again once the setup is fixed.</exception>
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

    private static async Task<BuildSnapshot> WaitAsync(
        IBuildRunner runner,
        BuildId buildId,
        BuildWaitOptions options,
        CancellationToken cancellationToken)
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
