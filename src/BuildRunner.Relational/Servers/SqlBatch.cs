namespace BuildRunner.Relational;

/// <summary>Represents the statements of one round trip to a server that locks rows. A statement that locks does nothing else, and later
/// ones read: a statement may see what was committed when it began, which is before it waited for the lock.</summary>
internal abstract class SqlBatch
{
    public abstract bool IsEmpty { get; }

    /// <summary>Begins a transaction in READ COMMITTED. It fails on a read-only server.</summary>
    public abstract void AddBegin();

    public abstract void AddCommit();

    /// <summary>Limits the wait for each lock of the transaction to a second.</summary>
    public abstract void AddShortWait();

    /// <summary>Adds a statement of a store and reports the number of rows it wrote.</summary>
    public abstract void AddWrite(SqlStatement statement, Action<int> written);

    /// <summary>Adds a statement of a store, with a call for each row.</summary>
    public abstract void AddRead(SqlStatement statement, Action<DbDataReader> read);

    /// <summary>Reads the clock, and fails on a read-only server, which may have old data.</summary>
    public abstract void AddClock(Action<QueueClock> read);

    /// <summary>Locks partitions. Waits for those that another transaction has locked, or skips them.</summary>
    public abstract void AddLock(string topic, IReadOnlyList<string> keys, bool waits, List<PartitionRow> rows);

    /// <summary>Locks partitions that are ready since a time, the first one first, and skips those that another transaction has
    /// locked.</summary>
    public abstract void AddLockReady(string topic, bool isQuarantined, long from, int limit, List<PartitionRow> rows);

    /// <summary>Creates missing partitions, and locks all. Waits.</summary>
    public abstract void AddLockOrCreate(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows);

    /// <summary>Creates missing partitions, and locks all. Fails, with <see cref="IsLockTimeout"/>, instead of waiting.</summary>
    public abstract void AddTryCreate(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows);

    /// <summary>Continues the transaction after <see cref="AddTryCreate"/> has failed.</summary>
    public abstract void AddUndoCreate();

    /// <summary>Reads the leases of partitions that a lock has skipped, and locks those that it did not find where they were.</summary>
    public abstract void AddPeek(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows, Dictionary<string, long?> leases);

    /// <summary>Reads messages by identity. In a caller's transaction with a lock, because its snapshot may be old.</summary>
    public abstract void AddByKey(string topic, IReadOnlyList<MessageKey> keys, List<MessageRow> rows);

    public abstract void AddBySequence(IReadOnlyList<long> sequences, bool hasContent, List<MessageRow> rows);

    /// <summary>Reads the first message of each partition, except those to leave out.</summary>
    public abstract void AddFirst(string topic, IReadOnlyList<FirstMessage> firsts, bool hasContent, List<MessageRow> rows);

    public abstract void AddList(string topic, int limit, MessageKey? after, List<MessageRow> rows);

    public abstract void AddChanges(QueueChanges changes);

    /// <summary>Stores messages in new partitions and reports that it did, or changes nothing if one of the partitions exists. Fails, with
    /// <see cref="IsConflict"/>, if a message exists without its partition, or if another transaction creates some of the partitions
    /// meanwhile. Waits for a partition that another transaction is creating or deleting. The times are relative. Does nothing if the
    /// database does not support it.</summary>
    public virtual void AddNew(QueueChanges changes, Action<bool> done)
    {
    }

    public abstract void AddRollback();

    public abstract void AddNextDue(string topic, long from, Action<NextDue> read);

    public abstract Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Determines whether a statement failed because it has waited too long for a lock.</summary>
    public abstract bool IsLockTimeout(DbException exception);

    /// <summary>Determines whether the transaction was undone because of another: a deadlock or a conflict, by the class of the
    /// standard.</summary>
    public static bool IsUndone(DbException exception) => exception.SqlState is ['4', '0', ..];

    /// <summary>Determines whether <see cref="AddNew"/> failed because only a part of what it stores is new.</summary>
    public virtual bool IsConflict(DbException exception) => false;

    /// <summary>Reads all results. Only statements that return rows have one, in order.</summary>
    protected static async Task ReadAsync(
        DbDataReader reader, IEnumerable<Action<DbDataReader>> reads, CancellationToken cancellationToken)
    {
        foreach (var read in reads)
        {
            while (reader.FieldCount == 0 && await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
            {
            }

            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                read(reader);
            }

            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        }

        // Errors of later statements arrive with their results.
        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
        }
    }
}
