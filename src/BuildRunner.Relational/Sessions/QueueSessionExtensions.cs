using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Provides what a store in the same database does with a session.
/// </summary>
internal static class QueueSessionExtensions
{
    /// <summary>
    /// Publishes messages together with what else was done in a session. This is the last that is done in it.
    /// </summary>
    /// <param name="session">The session.</param>
    /// <param name="publications">The messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What becomes of each message when the session is committed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="session"/> or <paramref name="publications"/> is <see langword="null"/>.</exception>
    public static Task<IReadOnlyList<PublishResult>> PublishAsync(this QueueSession session, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(publications);
        return new PublishTransaction(session).RunAsync(publications, cancellationToken);
    }
}
