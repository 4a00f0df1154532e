namespace BuildRunner.Sqlite.Sessions;

/// <summary>Provides the statements of the queue. They run row by row, which in one process is no slower than sets.</summary>
internal static class SqliteText
{
    /// <summary>SQLite's clock counts milliseconds; 999 µs are added so that nothing is early.</summary>
    public const string Clock = "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) * 1000 + 999";
    public const string Partition = $"SELECT {QueueRows.Partition} FROM queue_partitions WHERE topic = ?1 AND partition_key = ?2";

    public const string Ready =
        $"SELECT {QueueRows.Partition} FROM queue_partitions "
        + "WHERE topic = ?1 AND quarantined = ?2 AND ready_at <= ?3 ORDER BY ready_at LIMIT ?4";

    public const string BySequence = $"SELECT {QueueRows.State} FROM queue_messages m WHERE seq = ?1";
    public const string BySequenceWithContent = $"SELECT {QueueRows.Content} FROM queue_messages m WHERE seq = ?1";
    public const string ByKey = $"SELECT {QueueRows.State} FROM queue_messages m WHERE topic = ?1 AND partition_key = ?2 AND id = ?3";

    // Only the first row is read, so skipping one costs at most one more step.
    public const string First =
        $"SELECT {QueueRows.State} FROM queue_messages m "
        + "WHERE topic = ?1 AND partition_key = ?2 AND seq <> ?3 ORDER BY visible_after, seq LIMIT 1";

    public const string FirstWithContent =
        $"SELECT {QueueRows.Content} FROM queue_messages m "
        + "WHERE topic = ?1 AND partition_key = ?2 ORDER BY visible_after, seq LIMIT 1";

    public const string List =
        $"SELECT {QueueRows.State} FROM queue_messages m "
        + "WHERE topic = ?1 AND (partition_key, id) > (?2, ?3) ORDER BY partition_key, id LIMIT ?4";

    public const string Insert =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

    public const string Copy =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at, "
        + "failure_reason, failure_type, failure_attempts, failure_topic) "
        + "SELECT ?2, partition_key, id, payload, headers, ?3, ?4, ?5, ?6, ?7, ?8 FROM queue_messages WHERE seq = ?1";

    public const string Update =
        "UPDATE queue_messages SET wake_at = ?2, backing_off = ?3, failures = ?4, deliveries = ?5, "
        + "quarantined = ?6, unsettled = ?7, published_at = ?8 WHERE seq = ?1";

    // Separate, because SQLite writes the index even if the value is the same.
    public const string Move = "UPDATE queue_messages SET visible_after = ?2 WHERE seq = ?1";
    public const string Delete = "DELETE FROM queue_messages WHERE seq = ?1";

    public const string UpdatePartition =
        "UPDATE queue_partitions SET ready_at = ?3, current_seq = ?4, lease_token = ?5, quarantined = ?6, "
        + "postponed_to = ?7, postpones = ?8 WHERE topic = ?1 AND partition_key = ?2";

    public const string InsertPartition =
        "INSERT INTO queue_partitions (topic, partition_key, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

    public const string DeletePartition = "DELETE FROM queue_partitions WHERE topic = ?1 AND partition_key = ?2";

    public const string NextDue =
        "SELECT (SELECT ready_at FROM queue_partitions WHERE topic = ?1 AND quarantined = 0 ORDER BY ready_at LIMIT 1), "
        + "(SELECT ready_at FROM queue_partitions WHERE topic = ?1 AND quarantined = 1 ORDER BY ready_at LIMIT 1)";

    public static BuildDialect Builds { get; } = new()
    {
        IgnoreConflict = " ON CONFLICT DO NOTHING",
        GroupsCommits = true,
        DeleteEnded = "DELETE FROM queue_builds WHERE id IN (SELECT id FROM queue_builds WHERE ended_at <= ? ORDER BY ended_at LIMIT ?)",
    };
}
