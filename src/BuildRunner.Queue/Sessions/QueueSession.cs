namespace BuildRunner.Queue.Sessions;

/// <summary>Locks, reads and writes the rows of a queue in one transaction. A session decides nothing.</summary>
/// <remarks>
/// <para>A partition is locked by its own statement before its messages are read. If the database reads from a snapshot of the
/// transaction's start, reads lock as well. Keys are locked in the order of their UTF-8 bytes.</para>
/// <para>Returned rows belong to the caller until they are written, then to the session. Not safe for use by several threads.</para>
/// </remarks>
internal abstract class QueueSession : IAsyncDisposable
{
    /// <summary>Locks the partitions <paramref name="keys"/> and a limited number of ready ordinary and quarantined ones, without waiting:
    /// partitions locked by another transaction are skipped.</summary>
    public abstract Task<RoundLocks> LockForRoundAsync(
        string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken);

    /// <summary>Executes the writes of a store, locks the partitions of identities, creates missing ones, and reads the messages with the
    /// identities. Waits for locks. Each topic is given once, in lock order.</summary>
    public abstract Task<PublishLocks> LockForPublishAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken);

    /// <summary>Determines whether to try <see cref="TryWriteNewAsync"/> first: the partitions are probably new, and the session has done
    /// nothing else. A wrong guess costs one round trip.</summary>
    public virtual bool ExpectsNew(IReadOnlyList<TopicKeys> topics) => false;

    /// <summary>Creates all partitions, stores their messages and commits, or changes nothing.</summary>
    /// <param name="changes">The changes that <see cref="PublishLocks.OfNew"/> leads to: inserts and new partitions. Their times are
    /// relative; the database adds its clock.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if it committed; <see langword="false"/> if a partition or a message exists, or another transaction
    /// creates one meanwhile. No transaction is open then.</returns>
    public virtual Task<bool> TryWriteNewAsync(QueueChanges changes, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Locks partitions, each given once. Waits for or skips those locked by another transaction; creates missing ones with
    /// <see cref="PartitionRow.NeverReady"/>, or skips them.</summary>
    public abstract Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken);

    /// <summary>Reads messages of locked partitions.</summary>
    public abstract Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken);

    /// <summary>Lists messages without content by partition key and id, after a message or from the first. Locks nothing.</summary>
    public abstract Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>Writes, then reads the next due times of a topic, if any is given. With the last call, the session's own transaction can
    /// commit in the same round trip.</summary>
    public abstract Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken);

    /// <summary>Executes the write of a store and returns the number of rows inserted, changed or deleted.</summary>
    public abstract Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken);

    /// <summary>Gets or sets a value indicating whether others wait for the transaction to end.</summary>
    /// <remarks>If so, it fails after a short wait for a lock or after a deadlock, and each caller tries alone.</remarks>
    public bool IsShared { get; set; }

    /// <summary>Gets the wakes to send after the commit.</summary>
    public List<QueueWake> Wakes { get; } = [];

    /// <summary>Releases the resources of the session. The transaction is not affected.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Represents a write of another store, executed in the transaction of a publish. Only the database knows its content.</summary>
internal abstract class StoreWrite;

/// <summary>Represents the ready times of the first ordinary and the first quarantined partition of a topic, including locked ones, or
/// <see langword="null"/>.</summary>
internal readonly record struct NextDue(long? Ordinary, long? Quarantined);
