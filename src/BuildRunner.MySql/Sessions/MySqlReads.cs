using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>Adds the statements that lock and read. A statement that locks does nothing else.</summary>
internal static class MySqlReads
{
    /// <summary>The clock in production: UTC at the start of the statement, independent of the session's time zone and its repeated hour in
    /// autumn.</summary>
    public const string DefaultClock = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";

    public const string SkipLocked = " FOR UPDATE SKIP LOCKED";
    public const string Wait = " FOR UPDATE";

    /// <summary>MySQL waits a second, its minimum.</summary>
    public const string DoNotWait = "SET SESSION innodb_lock_wait_timeout = 0";

    /// <summary>The server's default may refuse updates and deletes, depending on how it finds the rows.</summary>
    public const string AllowUpdates = "SET SESSION sql_safe_updates = 0";

    public const string WaitAgain = "SET SESSION innodb_lock_wait_timeout = DEFAULT";

    /// <summary>The subquery skips what others have locked. The delete itself would wait.</summary>
    public static BuildDialect Builds { get; } = new()
    {
        IgnoreConflict = " ON DUPLICATE KEY UPDATE version = version",
        DeleteEnded =
            "DELETE b FROM (SELECT id FROM queue_builds FORCE INDEX (queue_builds_ended) WHERE ended_at <= ? ORDER BY ended_at LIMIT ? "
            + "FOR UPDATE SKIP LOCKED) d STRAIGHT_JOIN queue_builds b FORCE INDEX (PRIMARY) ON b.id = d.id",
        UseIndex = " FORCE INDEX ({0})",
    };

    // Newer servers return the first as a word.
    private const string IsReadOnly = "(CAST(@@GLOBAL.read_only AS CHAR) NOT IN ('0', 'OFF') OR @@GLOBAL.innodb_read_only <> 0)";

    private const string Partition = "partition_key, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones";
    private const string State =
        "m.seq, m.partition_key, m.id, m.visible_after, m.wake_at, m.backing_off, m.failures, m.deliveries, m.quarantined, m.unsettled, "
        + "m.published_at";
    private const string Content = State + ", m.payload, m.headers, m.failure_reason, m.failure_type, m.failure_attempts, m.failure_topic";

    // MariaDB converts a list of more than 1000 to a table, and reads it in another order.
    private const int LongestList = 500;

    /// <summary>Begins a transaction, and fails on a read-only server even for a user who may write to it.</summary>
    public static void AddBegin(this MySqlBatchText batch)
    {
        batch.Add(AllowUpdates).End();
        batch.Add("SET TRANSACTION ISOLATION LEVEL READ COMMITTED").End();
        batch.Add("START TRANSACTION").End();

        // The server must fail it, because the statements after it and the commit are sent with it.
        batch.Add("SELECT (SELECT 1 FROM (SELECT 1 UNION ALL SELECT 2) AS two WHERE ").Add(IsReadOnly).Add(")").End(static _ => { });
    }

    /// <summary>Reads the clock, and fails on a read-only server, which would not refuse a claim that finds nothing in old data.</summary>
    public static void AddClock(this MySqlBatchText batch, string clock, Action<long> read) =>
        batch.Add("SELECT ").Add(clock).Add(", ").Add(IsReadOnly)
            .End(reader => read(reader.GetBoolean(1) ? throw new ReadOnlyServerException() : reader.GetInt64(0)));

    /// <summary>Reads the number of rows that the last statement wrote.</summary>
    public static void AddWritten(this MySqlBatchText batch, Action<int> read) =>
        batch.Add("SELECT ROW_COUNT()").End(reader => read((int)Math.Max(0, reader.GetInt64(0))));

    /// <summary>Locks partitions, in the order of their keys.</summary>
    public static void AddLock(this MySqlBatchText batch, string topic, IEnumerable<string> keys, string mode, List<PartitionRow> rows)
    {
        foreach (var chunk in keys.Order(MySqlOrder.Keys).Chunk(LongestList))
        {
            batch.Add($"SELECT {Partition} FROM queue_partitions FORCE INDEX (PRIMARY) WHERE topic = ").Value(topic)
                .Add(" AND partition_key IN (").Each(chunk, ", ", key => batch.Value(key)).Add(") ORDER BY partition_key").Add(mode)
                .End(reader => rows.Add(QueueRows.ReadPartition(reader)));
        }
    }

    public static void AddLockReady(
        this MySqlBatchText batch, string topic, bool isQuarantined, long from, int limit, string clock, List<PartitionRow> rows)
    {
        if (limit > 0)
        {
            batch.Add($"SELECT {Partition} FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ").Value(topic)
                .Add(" AND quarantined = ").Value(isQuarantined).Add(" AND ready_at >= ").Value(from)
                .Add($" AND ready_at <= {clock} DIV 1000 ORDER BY ready_at LIMIT ").Value(limit).Add(SkipLocked)
                .End(reader => rows.Add(QueueRows.ReadPartition(reader)));
        }
    }

    /// <summary>Creates missing partitions, and locks all.</summary>
    public static void AddLockOrCreate(this MySqlBatchText batch, string topic, IEnumerable<string> keys, List<PartitionRow> rows)
    {
        string[] sorted = [.. keys.Order(MySqlOrder.Keys)];
        foreach (var chunk in sorted.Chunk(LongestList))
        {
            batch.Add("INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ")
                .Each(chunk, ", ", key => batch.Add("(").Values(topic, key, PartitionRow.NeverReady).Add(")"))
                .Add(" ON DUPLICATE KEY UPDATE ready_at = ready_at").End();
        }

        batch.AddLock(topic, sorted, Wait, rows);
    }

    public static void AddPeek(this MySqlBatchText batch, string topic, IEnumerable<string> keys, Dictionary<string, long?> leases)
    {
        foreach (var chunk in keys.Chunk(LongestList))
        {
            batch.Add("SELECT partition_key, lease_token FROM queue_partitions WHERE topic = ").Value(topic)
                .Add(" AND partition_key IN (").Each(chunk, ", ", key => batch.Value(key)).Add(")")
                .End(reader => leases[reader.GetString(0)] = QueueRows.ReadOptionalInt64(reader, 1));
        }
    }

    /// <summary>Reads messages by identity, with a lock: in a caller's REPEATABLE READ, only that shows what was committed since.</summary>
    public static void AddByKey(this MySqlBatchText batch, string topic, IEnumerable<MessageKey> keys, List<MessageRow> rows)
    {
        foreach (var chunk in keys.OrderBy(static key => key.PartitionKey, MySqlOrder.Keys).Chunk(LongestList))
        {
            batch.Add($"SELECT {State} FROM queue_messages m FORCE INDEX (queue_messages_identity) WHERE m.topic = ").Value(topic)
                .Add(" AND (")
                .Each(chunk, " OR ", key => batch.Add("m.partition_key = ").Value(key.PartitionKey).Add(" AND m.id = ").Value(key.Id))
                .Add(")").Add(Wait).End(reader => rows.Add(QueueRows.ReadState(reader)));
        }
    }

    public static void AddBySequence(this MySqlBatchText batch, IEnumerable<long> sequences, bool hasContent, List<MessageRow> rows)
    {
        foreach (var chunk in sequences.Chunk(LongestList))
        {
            batch.Add($"SELECT {(hasContent ? Content : State)} FROM queue_messages m WHERE m.seq IN (")
                .Each(chunk, ", ", sequence => batch.Value(sequence)).Add(")").End(Read(hasContent, rows));
        }
    }

    /// <summary>Reads the first message of each partition, except those to leave out. MariaDB has no LATERAL.</summary>
    public static void AddFirst(
        this MySqlBatchText batch, string topic, IEnumerable<FirstMessage> firsts, bool hasContent, List<MessageRow> rows)
    {
        foreach (var chunk in firsts.Chunk(LongestList))
        {
            var without = chunk.Where(static first => first.Without is not null).Select(static first => first.Without!.Value).ToList();
            batch.Add($"SELECT {(hasContent ? Content : State)} FROM queue_partitions p STRAIGHT_JOIN queue_messages m ON m.seq = ")
                .Add("(SELECT n.seq FROM queue_messages n FORCE INDEX (queue_messages_due) ")
                .Add("WHERE n.topic = p.topic AND n.partition_key = p.partition_key");
            if (without.Count > 0)
            {
                batch.Add(" AND n.seq NOT IN (").Each(without, ", ", sequence => batch.Value(sequence)).Add(")");
            }

            batch.Add(" ORDER BY n.visible_after, n.seq LIMIT 1) WHERE p.topic = ").Value(topic)
                .Add(" AND p.partition_key IN (").Each(chunk, ", ", first => batch.Value(first.PartitionKey)).Add(")")
                .End(Read(hasContent, rows));
        }
    }

    public static void AddList(this MySqlBatchText batch, string topic, int limit, MessageKey? after, List<MessageRow> rows)
    {
        batch.Add($"SELECT {State} FROM queue_messages m FORCE INDEX (queue_messages_identity) WHERE m.topic = ").Value(topic);
        if (after is not null)
        {
            batch.Add(" AND (m.partition_key > ").Value(after.PartitionKey)
                .Add(" OR m.partition_key = ").Value(after.PartitionKey).Add(" AND m.id > ").Value(after.Id).Add(")");
        }

        batch.Add(" ORDER BY m.partition_key, m.id LIMIT ").Value(limit).End(Read(hasContent: false, rows));
    }

    public static void AddNextDue(this MySqlBatchText batch, string topic, long from, Action<NextDue> read) =>
        batch.Add("SELECT (SELECT ready_at FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ").Value(topic)
            .Add(" AND quarantined = FALSE AND ready_at >= ").Value(from).Add(" ORDER BY ready_at LIMIT 1), ")
            .Add("(SELECT ready_at FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ").Value(topic)
            .Add(" AND quarantined = TRUE ORDER BY ready_at LIMIT 1)")
            .End(reader => read(new(QueueRows.ReadOptionalInt64(reader, 0), QueueRows.ReadOptionalInt64(reader, 1))));

    private static Action<MySqlDataReader> Read(bool hasContent, List<MessageRow> rows) =>
        hasContent ? reader => rows.Add(QueueRows.ReadContent(reader)) : reader => rows.Add(QueueRows.ReadState(reader));
}
