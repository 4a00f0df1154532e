namespace BuildRunner.Sqlite.Sessions;

/// <summary>The statements of the queue. They are run row by row: in one process that is no slower than whole sets.</summary>
internal static class SqliteText
{
    /// <summary>SQLite's clock counts milliseconds; the rest is added so that nothing is early.</summary>
    public const string Clock = "CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) * 1000 + 999";

    private const string PartitionColumns = "partition_key, ready_at, held_seq, lease_token, suspect";
    private const string StateColumns = "seq, partition_key, id, visible_after, wake_at, backing_off, failures, deliveries, suspect, unsettled, published_at";
    private const string ContentColumns = "payload, headers, failure_reason, failure_type, failure_attempts, failure_topic";

    public const string Partition = $"SELECT {PartitionColumns} FROM queue_partitions WHERE topic = $0 AND partition_key = $1";

    public const string Ready = $"SELECT {PartitionColumns} FROM queue_partitions WHERE topic = $0 AND suspect = $1 AND ready_at <= $2 ORDER BY ready_at LIMIT $3";

    public const string BySequence = $"SELECT {StateColumns} FROM queue_messages WHERE seq = $0";

    public const string BySequenceWithContent = $"SELECT {StateColumns}, {ContentColumns} FROM queue_messages WHERE seq = $0";

    public const string ByKey = $"SELECT {StateColumns} FROM queue_messages WHERE topic = $0 AND partition_key = $1 AND id = $2";

    // The rows after the first are never read, so the one that is left out costs one more step.
    public const string First = $"SELECT {StateColumns} FROM queue_messages WHERE topic = $0 AND partition_key = $1 AND seq <> $2 ORDER BY visible_after, seq LIMIT 1";

    public const string FirstWithContent = $"SELECT {StateColumns}, {ContentColumns} FROM queue_messages WHERE topic = $0 AND partition_key = $1 ORDER BY visible_after, seq LIMIT 1";

    public const string List = $"SELECT {StateColumns}, {ContentColumns} FROM queue_messages WHERE topic = $0 AND (partition_key, id) > ($1, $2) ORDER BY partition_key, id LIMIT $3";

    public const string Insert = "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) VALUES ($0, $1, $2, $3, $4, $5, $6)";

    public const string Copy =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at, failure_reason, failure_type, failure_attempts, failure_topic) "
        + "SELECT $1, partition_key, id, payload, headers, $2, $3, $4, $5, $6, $7 FROM queue_messages WHERE seq = $0";

    public const string Update =
        "UPDATE queue_messages SET visible_after = $1, wake_at = $2, backing_off = $3, failures = $4, deliveries = $5, suspect = $6, unsettled = $7, published_at = $8 WHERE seq = $0";

    public const string Delete = "DELETE FROM queue_messages WHERE seq = $0";

    public const string WritePartition =
        "INSERT INTO queue_partitions (topic, partition_key, ready_at, held_seq, lease_token, suspect) VALUES ($0, $1, $2, $3, $4, $5) "
        + "ON CONFLICT (topic, partition_key) DO UPDATE SET ready_at = $2, held_seq = $3, lease_token = $4, suspect = $5";

    public const string DeletePartition = "DELETE FROM queue_partitions WHERE topic = $0 AND partition_key = $1";

    public const string NextDue =
        "SELECT (SELECT ready_at FROM queue_partitions WHERE topic = $0 AND suspect = 0 ORDER BY ready_at LIMIT 1), "
        + "(SELECT ready_at FROM queue_partitions WHERE topic = $0 AND suspect = 1 ORDER BY ready_at LIMIT 1)";
}
