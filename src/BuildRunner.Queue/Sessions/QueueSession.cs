namespace BuildRunner.Queue.Sessions;

/// <summary>Locks, reads and writes the rows of a queue in one transaction. This is the seam to a database: a session decides
/// nothing.</summary>
/// <remarks>
/// <para>
/// A partition is locked by a statement of its own before any of its messages is read. Where the database shows a statement what was
/// committed before the transaction began, reads lock as well. Keys are locked in the order of their bytes in UTF-8.
/// </para>
/// <para>
/// The rows that a session returns belong to the caller until they are written, and to the session after that. Not safe for use by several
/// threads.
/// </para>
/// </remarks>
internal abstract class QueueSession : IAsyncDisposable
{
    /// <summary>Locks the partitions <paramref name="keys"/> and so many that are ready, ordinary and quarantined ones, without waiting:
    /// what another transaction has locked is left out.</summary>
    public abstract Task<RoundLocks> LockForRoundAsync(
        string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken);

    /// <summary>Makes the write of a store, locks the partitions of identities, creates those that do not exist, and reads the identities.
    /// Waits for locks. Where <paramref name="write"/> writes nothing, the rest may be left out.</summary>
    /// <param name="write">The write, or <see langword="null"/> for none.</param>
    /// <param name="topics">The topics, each once, in the order in which to lock them.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public abstract Task<PublishLocks> LockForPublishAsync(
        StoreWrite? write, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken);

    /// <summary>Locks partitions, each named once. Those that another transaction has locked are waited for or left out; those that do not
    /// exist are left out or created with <see cref="PartitionRow.NeverReady"/>.</summary>
    public abstract Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken);

    /// <summary>Reads messages of locked partitions.</summary>
    public abstract Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken);

    /// <summary>Lists messages with their content by partition key and id, beginning after a message or with the first. Locks
    /// nothing.</summary>
    public abstract Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>Writes, then reads the next due times of a topic.</summary>
    /// <param name="changes">What to write.</param>
    /// <param name="topic">The topic, or <see langword="null"/> to read nothing.</param>
    /// <param name="isLast">Whether nothing else comes, so that a transaction of the session's own can be committed in the same round
    /// trip.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public abstract Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken);

    /// <summary>Makes the write of a store and returns how many rows it has inserted, changed or deleted.</summary>
    public abstract Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken);

    /// <summary>Gets who to wake when the transaction is committed.</summary>
    public List<QueueWake> Wakes { get; } = [];

    /// <summary>Releases what the session has of its own. The transaction stays as it is.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>A write of another store in the database of the queue, made in one transaction with a publish. What it is, the database's own
/// sessions know.</summary>
internal abstract class StoreWrite;

/// <summary>When the first ordinary and the first quarantined partition of a topic are ready, including those that others have locked;
/// <see langword="null"/> where there is none.</summary>
internal readonly record struct NextDue(long? Ordinary, long? Quarantined);
