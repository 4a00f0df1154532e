using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Provides the statements of the queue in one transaction of a database. This is the seam to a dialect: what is decided is decided by those who call it.
/// </summary>
/// <remarks>
/// <para>
/// A partition is locked by a statement of its own before any of its messages is read. Where the database shows a statement what was committed before the transaction began, what is read is read by a locking statement. Keys are locked in the order of their bytes in UTF-8.
/// </para>
/// <para>
/// Not safe for use by several threads.
/// </para>
/// </remarks>
internal abstract class QueueSession : IAsyncDisposable
{
    /// <summary>
    /// Locks partitions for a round, without waiting: what another transaction has locked is left out.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="keys">Partitions to lock.</param>
    /// <param name="limit">How many to lock of those that are ready and not quarantined.</param>
    /// <param name="quarantinedLimit">How many to lock of those that are ready and quarantined.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What is locked.</returns>
    public abstract Task<RoundLocks> LockForRoundAsync(string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken);

    /// <summary>
    /// Runs statements that write what else is in the database, then locks the partitions of identities, makes those that there are not, and reads the identities. Waits for those that others have locked.
    /// </summary>
    /// <param name="statements">The statements.</param>
    /// <param name="topics">The topics, none of them twice, in the order in which to lock them.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What is locked and what was found.</returns>
    public abstract Task<PublishLocks> LockForPublishAsync(IReadOnlyList<SqlStatement> statements, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken);

    /// <summary>
    /// Locks partitions.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="keys">The partitions, none of them twice.</param>
    /// <param name="creates">Whether to make those that there are not, with <see cref="PartitionRow.NeverReady"/>.</param>
    /// <param name="waits">Whether to wait for those that others have locked; they are left out otherwise.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What is locked.</returns>
    public abstract Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken);

    /// <summary>
    /// Reads messages of partitions that are locked.
    /// </summary>
    /// <param name="query">Which.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The messages.</returns>
    public abstract Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// Lists messages with their content by partition key and id, without locking anything.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="limit">How many.</param>
    /// <param name="after">After which message to begin, or <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The messages.</returns>
    public abstract Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>
    /// Writes.
    /// </summary>
    /// <param name="changes">What to write.</param>
    /// <param name="topic">The topic whose next due times to read when that is written, or <see langword="null"/> for none.</param>
    /// <param name="isLast">Whether nothing else comes, so that a transaction of the session's own can be committed in the same round trip.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The next due times of <paramref name="topic"/>.</returns>
    public abstract Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken);

    /// <summary>
    /// Runs a statement that writes what else is in the database.
    /// </summary>
    /// <param name="statement">The statement.</param>
    /// <param name="isLast">Whether nothing else comes, so that a transaction of the session's own can be committed in the same round trip.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How many rows it has inserted, changed or deleted.</returns>
    public abstract Task<int> ExecuteAsync(SqlStatement statement, bool isLast, CancellationToken cancellationToken);

    /// <summary>
    /// Gives back what the session has of its own. The transaction stays as it is.
    /// </summary>
    /// <returns>A task for the operation.</returns>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
