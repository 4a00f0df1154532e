using BuildRunner.PostgreSql.Schema;
using BuildRunner.Relational;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>The statements. Each that locks does nothing else, and what is decided by is read by a later one: PostgreSQL shows a statement what was committed when it began, which is before it waited.</summary>
internal sealed class PostgreSqlText(string clock, PostgreSqlTables tables)
{
    /// <summary>What the clock is in production: not the time of the transaction, which is from before the lock.</summary>
    public const string DefaultClock = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    private const string Partition = "partition_key, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones, queue_partitions.ctid";
    private const string State = "m.seq, m.partition_key, m.id, m.visible_after, m.wake_at, m.backing_off, m.failures, m.deliveries, m.quarantined, m.unsettled, m.published_at";
    private const string Content = State + ", m.payload, m.headers, m.failure_reason, m.failure_type, m.failure_attempts, m.failure_topic";
    private const string OfKeys = "FROM unnest($2, $3) AS k (partition_key, id) CROSS JOIN LATERAL (SELECT * FROM queue_messages n WHERE n.topic = $1 AND n.partition_key = k.partition_key COLLATE \"C\" AND n.id = k.id COLLATE \"C\" LIMIT 1";
    private const string First = "FROM queue_messages n WHERE n.topic = $1 AND n.partition_key = k.partition_key AND n.seq > 0";

    public const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

    /// <summary>
    /// For the transaction alone, leaves the planner nothing but look-ups in an index. What it knows of a queue is of another time: it takes hundreds of keys for a good part of a table that was small when it looked,
    /// reads all of the table to find them, and so each round costs more the more messages wait. For the same reason rows are looked up by LATERAL with a LIMIT, which the planner cannot turn round into a read of a whole topic for
    /// each key, and found again by where they lie, which does not change while they are locked.
    /// </summary>
    public const string LookUp = "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('enable_sort', 'off', true), set_config('jit', 'off', true)";

    public const string Commit = "COMMIT";

    /// <summary>Locks in any order, because it does not wait: for one, the planner would read the whole topic in it.</summary>
    public const string LockSkipping = $"SELECT {Partition} FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2) FOR NO KEY UPDATE SKIP LOCKED";

    /// <summary>Locks partitions that lie where they are taken to lie. The keys are compared by expressions, for which there is no index.</summary>
    public const string LockPlaces =
        $"SELECT {Partition} FROM unnest($2, $3) AS k (k, place) CROSS JOIN queue_partitions WHERE queue_partitions.ctid = k.place::tid AND topic || '' = $1 AND partition_key || '' = k.k FOR NO KEY UPDATE OF queue_partitions SKIP LOCKED";

    public const string LockWaiting = $"SELECT {Partition} FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2) ORDER BY partition_key FOR NO KEY UPDATE";

    /// <summary>Makes what is not there, and writes a version of what is, although nothing changes: in a caller's REPEATABLE READ the publish that comes after it fails then, and does not go by what it cannot see.</summary>
    public const string LockOrCreate =
        $"INSERT INTO queue_partitions (topic, partition_key, ready_at) SELECT $1, k, 9223372036854775807 FROM unnest($2) AS k ORDER BY k COLLATE \"C\" ON CONFLICT (topic, partition_key) DO UPDATE SET ready_at = queue_partitions.ready_at RETURNING {Partition}";

    public const string Savepoint = "SAVEPOINT queue_create";

    /// <summary>The shortest wait that can be said. Zero would be for ever.</summary>
    public const string DoNotWait = "SET LOCAL lock_timeout = 1";

    public const string WaitAgain = "SET LOCAL lock_timeout TO DEFAULT";

    public const string Undo = "ROLLBACK TO SAVEPOINT queue_create";

    /// <summary>The leases of partitions that were left out because they are locked.</summary>
    public const string Peek = "SELECT partition_key, lease_token FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2)";

    public const string BySequence = $"SELECT {State} FROM queue_messages m WHERE m.seq = ANY($1)";

    public const string BySequenceWithContent = $"SELECT {Content} FROM queue_messages m WHERE m.seq = ANY($1)";

    public const string ByKey = $"SELECT {State} {OfKeys}) m";

    /// <summary>For a caller's transaction: in REPEATABLE READ it fails on a message that has been changed or settled since.</summary>
    public const string ByKeyLocking = $"SELECT {State} {OfKeys} FOR NO KEY UPDATE) m";

    public const string FirstState = $"SELECT {State} FROM unnest($2, $3) AS k (partition_key, without) CROSS JOIN LATERAL (SELECT * {First} AND n.seq <> k.without ORDER BY n.visible_after, n.seq LIMIT 1) m";

    public const string FirstWithContent = $"SELECT {Content} FROM unnest($2) AS k (partition_key) CROSS JOIN LATERAL (SELECT * {First} ORDER BY n.visible_after, n.seq LIMIT 1) m";

    public const string List = $"SELECT {Content} FROM queue_messages m WHERE m.topic = $1 AND (m.partition_key, m.id) > ($2, $3) ORDER BY m.partition_key, m.id LIMIT $4";

    public const string Delete = "DELETE FROM queue_messages WHERE seq = ANY($1)";

    public const string Copy =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at, failure_reason, failure_type, failure_attempts, failure_topic) " +
        "SELECT c.topic, m.partition_key, m.id, m.payload, m.headers, c.visible_after, c.published_at, c.failure_reason, c.failure_type, c.failure_attempts, c.failure_topic " +
        "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS c (seq, topic, visible_after, published_at, failure_reason, failure_type, failure_attempts, failure_topic, place) " +
        "CROSS JOIN LATERAL (SELECT * FROM queue_messages n WHERE n.seq = c.seq LIMIT 1) m ORDER BY c.place";

    public const string Insert =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) " +
        "SELECT i.topic, i.partition_key, i.id, i.payload, i.headers, i.visible_after, i.published_at " +
        "FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS i (topic, partition_key, id, payload, headers, visible_after, published_at, place) ORDER BY i.place";

    public const string Update =
        "UPDATE queue_messages m SET visible_after = u.visible_after, wake_at = u.wake_at, backing_off = u.backing_off, failures = u.failures, deliveries = u.deliveries, quarantined = u.quarantined, unsettled = u.unsettled, published_at = u.published_at " +
        "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS u (seq, visible_after, wake_at, backing_off, failures, deliveries, quarantined, unsettled, published_at) " +
        "CROSS JOIN LATERAL (SELECT n.ctid FROM queue_messages n WHERE n.seq = u.seq LIMIT 1) r WHERE m.ctid = r.ctid";

    public const string UpdatePartitions =
        "UPDATE queue_partitions p SET ready_at = u.ready_at, current_seq = u.current_seq, lease_token = u.lease_token, quarantined = u.quarantined, postponed_to = u.postponed_to, postpones = u.postpones " +
        "FROM unnest($1, $2, $3, $4, $5, $6, $7) AS u (place, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones) WHERE p.ctid = u.place::tid RETURNING p.topic, p.partition_key, p.ctid, p.lease_token IS NOT NULL";

    /// <summary>Finds the partitions by their unique index, which knows the one that there is now. In a caller's REPEATABLE READ, that which was deleted since is seen beside it.</summary>
    public const string UpsertPartitions =
        "INSERT INTO queue_partitions (topic, partition_key, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones) " +
        "SELECT $1, u.* FROM unnest($2, $3, $4, $5, $6, $7, $8) AS u ON CONFLICT (topic, partition_key) DO UPDATE " +
        "SET ready_at = EXCLUDED.ready_at, current_seq = EXCLUDED.current_seq, lease_token = EXCLUDED.lease_token, quarantined = EXCLUDED.quarantined, postponed_to = EXCLUDED.postponed_to, postpones = EXCLUDED.postpones";

    public const string DeletePartitions = "DELETE FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2)";

    public const string IsStandby = "SELECT pg_is_in_recovery()";

    public const string NextDue =
        "SELECT (SELECT ready_at FROM queue_partitions WHERE topic = $1 AND NOT quarantined AND ready_at >= $2 ORDER BY ready_at LIMIT 1), (SELECT ready_at FROM queue_partitions WHERE topic = $1 AND quarantined ORDER BY ready_at LIMIT 1)";

    /// <summary>The channel of notifications: that of the table, because there may be one in each schema.</summary>
    public const string Channel = "'buildrunner_queue_' || 'queue_messages'::regclass::oid";

    public const string Notify = $"SELECT pg_notify({Channel}, $1)";

    /// <summary>Nothing is lost with it, so that nobody has to wait until it is on the disk.</summary>
    public const string NotifyAll = $"SELECT set_config('synchronous_commit', 'off', true), pg_notify({Channel}, payload) FROM unnest($1) AS payload";

    /// <summary>The ids are looked up once, before anything is deleted; in a subquery of IN they might be looked up again.</summary>
    public static BuildDialect Builds { get; } = new()
    {
        IgnoreConflict = " ON CONFLICT DO NOTHING",
        DeleteEnded = "DELETE FROM queue_builds WHERE id = ANY(ARRAY(SELECT id FROM queue_builds WHERE ended_at <= ? ORDER BY ended_at LIMIT ? FOR UPDATE SKIP LOCKED))",
    };

    /// <summary>Gets where the tables are, by which the statements name them.</summary>
    public PostgreSqlTables Tables { get; } = tables;

    /// <summary>Gets the clock, and whether the server is a standby.</summary>
    public string Clock { get; } = $"SELECT {clock}, pg_is_in_recovery()";

    /// <summary>Locks what is ready, from the time that is the third value. The clock is a query of its own, or it would not be looked up in the index.</summary>
    public string LockReady { get; } = LockReadyOf("NOT quarantined", clock, " AND ready_at >= $3");

    public string LockReadyQuarantined { get; } = LockReadyOf("quarantined", clock, "");

    private static string LockReadyOf(string which, string clock, string from) =>
        $"SELECT {Partition} FROM queue_partitions WHERE topic = $1 AND {which}{from} AND ready_at <= (SELECT {clock} / 1000) ORDER BY ready_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED";
}
