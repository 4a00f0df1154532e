namespace BuildRunner.Queue;

/// <summary>Provides methods to list, redrive and purge dead letters.</summary>
/// <remarks>
/// <para>Each method takes the original topic of the messages, not the dead-letter topic.</para>
/// <para>A topic has at most one dead letter per identity (partition key and id). If a message with the same identity is published again
/// and fails too, its dead letter replaces the earlier one, payload and reason included. The host logs a warning, and
/// <c>buildrunner.queue.replaced.dead_letters</c> counts it. To keep every message, give each its own id.</para>
/// <para>If the database loses the answer to a redrive or purge, it is repeated. The repeat does not find what the first try took, so the
/// result can be <see langword="false"/>, zero or too low although the dead letters were redriven or purged. A cancelled call may still
/// take effect, all or part of it.</para>
/// <para>Safe for use by several threads. It may gain members in a minor version: mock it, do not implement it.</para>
/// </remarks>
public interface IDeadLetters
{
    /// <summary>Lists dead letters of a topic, including those that a consumer is handling. Those that cannot be read are in
    /// <see cref="DeadLetterPage.Unreadable"/>.</summary>
    /// <param name="topic">The original topic of the messages.</param>
    /// <param name="limit">The maximum number to list: 1 to 1000. The default is 100.</param>
    /// <param name="after"><see cref="DeadLetterPage.Next"/> of the previous page, or <see langword="null"/> for the first page.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The page.</returns>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or ends with <c>_dlq</c>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="limit"/> is less than 1 or more than 1000.</exception>
    Task<DeadLetterPage> ListAsync(string topic, int limit = 100, MessageKey? after = null, CancellationToken cancellationToken = default);

    /// <summary>Moves a dead letter back to its topic, in one step. It becomes a new message there. If the topic already has a message with
    /// its identity, that one is hastened, as by any duplicate, and otherwise unchanged.</summary>
    /// <param name="topic">The original topic of the message.</param>
    /// <param name="key">The message.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if the dead letter was found; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or ends with <c>_dlq</c>.</exception>
    Task<bool> RedriveAsync(string topic, MessageKey key, CancellationToken cancellationToken = default);

    /// <summary>Moves all current dead letters of a topic back to it, as <see cref="RedriveAsync"/> does.</summary>
    /// <param name="topic">The original topic of the messages.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The number of dead letters found.</returns>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or ends with <c>_dlq</c>.</exception>
    Task<int> RedriveAllAsync(string topic, CancellationToken cancellationToken = default);

    /// <summary>Deletes a dead letter. If a consumer is handling it, the outcome is ignored.</summary>
    /// <param name="topic">The original topic of the message.</param>
    /// <param name="key">The message.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if the dead letter was found; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or ends with <c>_dlq</c>.</exception>
    Task<bool> PurgeAsync(string topic, MessageKey key, CancellationToken cancellationToken = default);

    /// <summary>Deletes all current dead letters of a topic.</summary>
    /// <param name="topic">The original topic of the messages.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The number of dead letters found.</returns>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or ends with <c>_dlq</c>.</exception>
    Task<int> PurgeAllAsync(string topic, CancellationToken cancellationToken = default);
}
