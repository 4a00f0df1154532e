using BuildRunner.MySql.Galera;
using BuildRunner.Queue.Rules;

namespace BuildRunner.MySql.Sessions;

/// <summary>Represents the statements of one round trip in a transaction: a caller's or one of its own.</summary>
/// <param name="connection">The connection.</param>
/// <param name="joined">The transaction of a caller, if it is one.</param>
/// <param name="clock">The expression that reads the clock.</param>
/// <param name="writer">What keeps a cluster to one node, or <see langword="null"/> if the server is in none.</param>
internal sealed class MySqlQueueBatch(MySqlConnection connection, MySqlTransaction? joined, string clock, GaleraWriter? writer = null)
    : MySqlBatchText(connection, joined)
{
    /// <summary>The clock in production: UTC at the start of the statement, independent of the session's time zone and its repeated hour in
    /// autumn.</summary>
    public const string DefaultClock = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";

    /// <summary>MariaDB converts a list of more than 1000 to a table, and reads it in another order.</summary>
    public const int LongestList = 500;

    // Newer servers return the first as a word.
    private const string IsReadOnly = "(CAST(@@GLOBAL.read_only AS CHAR) NOT IN ('0', 'OFF') OR @@GLOBAL.innodb_read_only <> 0)";

    // A host that is gone leaves its transaction, and with it locked partitions, until the server finds the connection dead. Only MariaDB
    // has the setting, and reads the comment.
    private const string IdleTimeout = " /*M!100300 , idle_transaction_timeout = 10*/";

    private const string SkipLocked = " FOR UPDATE SKIP LOCKED";
    private const string Wait = " FOR UPDATE";

    private OtherWriterException? _refused;

    /// <summary>The subquery skips what others have locked. The delete itself would wait.</summary>
    public static BuildDialect Builds { get; } = new()
    {
        IgnoreConflict = " ON DUPLICATE KEY UPDATE version = version",
        DeleteEnded =
            "DELETE b FROM (SELECT id FROM queue_builds FORCE INDEX (queue_builds_ended) WHERE ended_at <= ? ORDER BY ended_at LIMIT ? "
            + "FOR UPDATE SKIP LOCKED) d STRAIGHT_JOIN queue_builds b FORCE INDEX (PRIMARY) ON b.id = d.id",
        AppendHistory =
            "history = CASE WHEN CHAR_LENGTH(COALESCE(history, '')) < ? THEN CONCAT(COALESCE(history, ''), ?) ELSE history END",
        UseIndex = " FORCE INDEX ({0})",
    };

    // The server's default may refuse updates and deletes, depending on how it finds the rows, and the last transaction of the connection
    // may have changed the wait for locks. A read-only server must fail the batch even for a user who may write to it, because the commit
    // may be sent with it.
    public override void AddBegin()
    {
        Add("SET SESSION sql_safe_updates = 0, innodb_lock_wait_timeout = DEFAULT").Add(IdleTimeout).End();
        writer?.AddClaim(this);
        Add("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").End();
        Add("START TRANSACTION").End();
        if (writer is not null)
        {
            // The next statement fails, but does not say why.
            Add("SELECT ").Add(GaleraWriter.Nodes).End(reader => _refused = writer.Refuse(reader, column: 0));
        }

        Add("SELECT (SELECT 1 FROM (SELECT 1 UNION ALL SELECT 2) AS two WHERE ").Add(IsReadOnly)
            .Add(writer is null ? "" : $" OR {GaleraWriter.IsOther}").Add(")").End(static _ => { });
    }

    public override void AddCommit() => Add("COMMIT").End();

    public override void AddRollback() => Add("ROLLBACK").End();

    public override void AddShortWait() => Add("SET SESSION innodb_lock_wait_timeout = 1").End();

    public override void AddWrite(SqlStatement statement, Action<int> written)
    {
        Add(statement).End();
        Add("SELECT ROW_COUNT()").End(reader => written((int)Math.Max(0, reader.GetInt64(0))));
    }

    public override void AddRead(SqlStatement statement, Action<DbDataReader> read)
    {
        writer?.AddClaim(this);
        Add(statement).End(read);
    }

    public override void AddClock(Action<QueueClock> read) =>
        Add("SELECT ").Add(clock).Add(", ").Add(IsReadOnly).Add(writer is null ? "" : ", " + GaleraWriter.Nodes).End(reader =>
        {
            if (reader.GetBoolean(1))
            {
                throw new ReadOnlyServerException();
            }

            if (writer?.Refuse(reader, column: 2) is { } refused)
            {
                throw refused;
            }

            read(new(reader.GetInt64(0)));
        });

    public override void AddLock(string topic, IReadOnlyList<string> keys, bool waits, List<PartitionRow> rows)
    {
        foreach (var chunk in keys.Order(PublishTransaction.LockOrder).Chunk(LongestList))
        {
            Add($"SELECT {QueueRows.Partition} FROM queue_partitions FORCE INDEX (PRIMARY) WHERE topic = ").Value(topic)
                .Add(" AND partition_key IN (").Each(chunk, ", ", key => Value(key)).Add(") ORDER BY partition_key")
                .Add(waits ? Wait : SkipLocked).End(reader => rows.Add(QueueRows.ReadPartition(reader)));
        }
    }

    public override void AddLockReady(string topic, bool isQuarantined, long from, int limit, List<PartitionRow> rows) =>
        Add($"SELECT {QueueRows.Partition} FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ").Value(topic)
            .Add(" AND quarantined = ").Value(isQuarantined).Add(" AND ready_at >= ").Value(from)
            .Add($" AND ready_at <= {clock} DIV 1000 ORDER BY ready_at LIMIT ").Value(limit).Add(SkipLocked)
            .End(reader => rows.Add(QueueRows.ReadPartition(reader)));

    public override void AddLockOrCreate(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows)
    {
        foreach (var chunk in keys.Order(PublishTransaction.LockOrder).Chunk(LongestList))
        {
            Add("INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ")
                .Each(chunk, ", ", key => Add("(").Values(topic, key, PartitionRow.NeverReady).Add(")"))
                .Add(" ON DUPLICATE KEY UPDATE ready_at = ready_at").End();
        }

        AddLock(topic, keys, waits: true, rows);
    }

    // MySQL may refuse 0, and waits a second.
    public override void AddTryCreate(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows)
    {
        Add("SET SESSION innodb_lock_wait_timeout = IF(VERSION() LIKE '%MariaDB%', 0, 1)").End();
        AddLockOrCreate(topic, keys, rows);
        AddUndoCreate();
    }

    // The server has rolled back the statement, not the transaction.
    public override void AddUndoCreate() => Add("SET SESSION innodb_lock_wait_timeout = DEFAULT").End();

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await base.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (MySqlException exception) when (_refused is not null && exception.Number == MySqlFailure.MoreThanOneRow)
        {
            throw _refused;
        }
        catch (OtherWriterException) when (IsJoined)
        {
            // Nothing else might ask for it in a program that only publishes. It waits for the end of the caller's transaction.
            writer!.Claim();
            throw;
        }
    }

    public override bool IsLockTimeout(DbException exception) => exception is MySqlException { ErrorCode: MySqlErrorCode.LockWaitTimeout };

    public override void AddPeek(
        string topic, IReadOnlyList<string> keys, List<PartitionRow> rows, Dictionary<string, long?> leases)
    {
        foreach (var chunk in keys.Chunk(LongestList))
        {
            Add("SELECT partition_key, lease_token FROM queue_partitions WHERE topic = ").Value(topic)
                .Add(" AND partition_key IN (").Each(chunk, ", ", key => Value(key)).Add(")")
                .End(reader => leases[reader.GetString(0)] = QueueRows.ReadOptionalInt64(reader, 1));
        }
    }

    public override void AddByKey(string topic, IReadOnlyList<MessageKey> keys, List<MessageRow> rows)
    {
        foreach (var chunk in keys.OrderBy(static key => key.PartitionKey, PublishTransaction.LockOrder).Chunk(LongestList))
        {
            Add($"SELECT {QueueRows.State} FROM queue_messages m FORCE INDEX (queue_messages_identity) WHERE m.topic = ").Value(topic)
                .Add(" AND (")
                .Each(chunk, " OR ", key => Add("m.partition_key = ").Value(key.PartitionKey).Add(" AND m.id = ").Value(key.Id))
                .Add(")").Add(Wait).End(Read(hasContent: false, rows));
        }
    }

    public override void AddBySequence(IReadOnlyList<long> sequences, bool hasContent, List<MessageRow> rows)
    {
        foreach (var chunk in sequences.Chunk(LongestList))
        {
            Add($"SELECT {(hasContent ? QueueRows.Content : QueueRows.State)} FROM queue_messages m WHERE m.seq IN (")
                .Each(chunk, ", ", sequence => Value(sequence)).Add(")").End(Read(hasContent, rows));
        }
    }

    // MariaDB has no LATERAL.
    public override void AddFirst(string topic, IReadOnlyList<FirstMessage> firsts, bool hasContent, List<MessageRow> rows)
    {
        foreach (var chunk in firsts.Chunk(LongestList))
        {
            List<long> without = [.. chunk.Select(static first => first.Without).OfType<long>()];
            Add($"SELECT {(hasContent ? QueueRows.Content : QueueRows.State)} FROM queue_partitions p ")
                .Add("STRAIGHT_JOIN queue_messages m ON m.seq = ")
                .Add("(SELECT n.seq FROM queue_messages n FORCE INDEX (queue_messages_due) ")
                .Add("WHERE n.topic = p.topic AND n.partition_key = p.partition_key");
            if (without.Count > 0)
            {
                Add(" AND n.seq NOT IN (").Each(without, ", ", sequence => Value(sequence)).Add(")");
            }

            Add(" ORDER BY n.visible_after, n.seq LIMIT 1) WHERE p.topic = ").Value(topic)
                .Add(" AND p.partition_key IN (").Each(chunk, ", ", first => Value(first.PartitionKey)).Add(")")
                .End(Read(hasContent, rows));
        }
    }

    public override void AddList(string topic, int limit, MessageKey? after, List<MessageRow> rows)
    {
        Add($"SELECT {QueueRows.State} FROM queue_messages m FORCE INDEX (queue_messages_identity) WHERE m.topic = ").Value(topic);
        if (after is not null)
        {
            Add(" AND (m.partition_key > ").Value(after.PartitionKey)
                .Add(" OR m.partition_key = ").Value(after.PartitionKey).Add(" AND m.id > ").Value(after.Id).Add(")");
        }

        Add(" ORDER BY m.partition_key, m.id LIMIT ").Value(limit).End(Read(hasContent: false, rows));
    }

    public override void AddChanges(QueueChanges changes) => MySqlWrites.Add(this, changes);

    public override void AddNextDue(string topic, long from, Action<NextDue> read) =>
        Add("SELECT (SELECT ready_at FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ").Value(topic)
            .Add(" AND quarantined = FALSE AND ready_at >= ").Value(from).Add(" ORDER BY ready_at LIMIT 1), ")
            .Add("(SELECT ready_at FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ").Value(topic)
            .Add(" AND quarantined = TRUE ORDER BY ready_at LIMIT 1)")
            .End(reader => read(QueueRows.ReadNextDue(reader)));

    private static Action<DbDataReader> Read(bool hasContent, List<MessageRow> rows) =>
        reader => rows.Add(QueueRows.ReadMessage(reader, hasContent));
}
