namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Provides the SQL. A statement that locks does nothing else, and later ones read: a statement sees what was committed when it
/// began, which is before it waited for the lock.</summary>
internal sealed class PostgreSqlText(string clock, PostgreSqlTables tables)
{
    /// <summary>The clock in production. The time of the transaction would be from before the lock.</summary>
    public const string DefaultClock = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
    private const string Partition = QueueRows.Partition + ", queue_partitions.ctid";
    private const string OfKeys =
        "FROM unnest($2, $3) AS k (partition_key, id) CROSS JOIN LATERAL (SELECT * FROM queue_messages n WHERE n.topic = $1 "
        + "AND n.partition_key = k.partition_key COLLATE \"C\" AND n.id = k.id COLLATE \"C\" LIMIT 1";
    private const string First =
        "FROM unnest($2, $3) AS k (partition_key, without) CROSS JOIN LATERAL (SELECT * FROM queue_messages n WHERE n.topic = $1 "
        + "AND n.partition_key = k.partition_key AND n.seq > 0 AND n.seq <> k.without ORDER BY n.visible_after, n.seq LIMIT 1) m";

    // More than one row is an error. Somebody has moved or deleted a row by hand; it must not be taken for written.
    private const string FailUnlessAll =
        "(SELECT 1 FROM (VALUES (1), (2)) AS two WHERE (SELECT count(*) FROM written) <> cardinality($1))";

    private const string FailOnConflict =
        "ON CONFLICT (topic, partition_key, id) DO UPDATE SET seq = (SELECT n FROM (VALUES (1), (2)) AS two (n))";

    public const string Begin = "BEGIN ISOLATION LEVEL READ COMMITTED";

    /// <summary>Restricts the planner to index look-ups, in this transaction only. Its statistics of a queue are stale: it takes hundreds
    /// of keys for much of a table that was once small and reads all of it, so each round costs more as messages pile up. For the same
    /// reason rows are looked up by LATERAL with a LIMIT, which the planner cannot turn into a read of a whole topic per key, and updated
    /// by ctid, which does not change while they are locked. Also ends the transaction of a host that is gone: it would keep its partitions
    /// locked until the server finds the connection dead. And has the server send the warning of a commit that no standby has, whatever
    /// the role or the connection string says.</summary>
    public const string LookUp =
        "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true), "
        + "set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), "
        + "set_config('enable_sort', 'off', true), set_config('jit', 'off', true), "
        + "set_config('idle_in_transaction_session_timeout', '10s', true), set_config('client_min_messages', 'warning', true)";

    public const string Commit = "COMMIT";
    public const string Rollback = "ROLLBACK";

    /// <summary>Locks in any order because it does not wait. With an order, the planner would read the whole topic.</summary>
    public const string LockSkipping =
        $"SELECT {Partition} FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2) FOR NO KEY UPDATE SKIP LOCKED";

    /// <summary>Locks partitions that still lie at the places given. Keys are compared by expressions so that no index is used.</summary>
    public const string LockPlaces =
        $"SELECT {Partition} FROM unnest($2, $3) AS k (k, place) CROSS JOIN queue_partitions WHERE queue_partitions.ctid = k.place::tid "
        + "AND topic || '' = $1 AND partition_key || '' = k.k FOR NO KEY UPDATE OF queue_partitions SKIP LOCKED";

    public const string LockWaiting =
        $"SELECT {Partition} FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2) ORDER BY partition_key FOR NO KEY UPDATE";

    /// <summary>Creates what is missing, and writes an unchanged version of what exists: in a caller's REPEATABLE READ, a later publish
    /// then fails instead of missing what it cannot see.</summary>
    public const string LockOrCreate =
        "INSERT INTO queue_partitions (topic, partition_key, ready_at) SELECT $1, k, 9223372036854775807 FROM unnest($2) AS k "
        + "ORDER BY k COLLATE \"C\" ON CONFLICT (topic, partition_key) DO UPDATE SET ready_at = queue_partitions.ready_at "
        + $"RETURNING {Partition}";

    public const string Savepoint = "SAVEPOINT queue_create";

    /// <summary>The shortest wait. Zero would wait without a limit.</summary>
    public const string DoNotWait = "SET LOCAL lock_timeout = 1";
    public const string ShortWait = "SET LOCAL lock_timeout = '1s'";
    public const string WaitAgain = "SET LOCAL lock_timeout TO DEFAULT";
    public const string Undo = "ROLLBACK TO SAVEPOINT queue_create";

    /// <summary>Reads the leases of partitions that were left out because they are locked.</summary>
    public const string Peek = "SELECT partition_key, lease_token FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2)";
    public const string BySequence = $"SELECT {QueueRows.State} FROM queue_messages m WHERE m.seq = ANY($1)";
    public const string BySequenceWithContent = $"SELECT {QueueRows.Content} FROM queue_messages m WHERE m.seq = ANY($1)";
    public const string ByKey = $"SELECT {QueueRows.State} {OfKeys}) m";

    /// <summary>For a caller's transaction. In REPEATABLE READ, fails on a message that was changed or settled since.</summary>
    public const string ByKeyLocking = $"SELECT {QueueRows.State} {OfKeys} FOR NO KEY UPDATE) m";
    public const string FirstState = $"SELECT {QueueRows.State} {First}";
    public const string FirstWithContent = $"SELECT {QueueRows.Content} {First}";

    public const string List =
        $"SELECT {QueueRows.State} FROM queue_messages m WHERE m.topic = $1 AND (m.partition_key, m.id) > ($2, $3) "
        + "ORDER BY m.partition_key, m.id LIMIT $4";

    public const string Delete = "DELETE FROM queue_messages WHERE seq = ANY($1)";

    public const string Copy =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at, failure_reason, "
        + "failure_type, failure_attempts, failure_topic) "
        + "SELECT c.topic, m.partition_key, m.id, m.payload, m.headers, c.visible_after, c.published_at, c.failure_reason, c.failure_type, "
        + "c.failure_attempts, c.failure_topic "
        + "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY AS c (seq, topic, visible_after, published_at, failure_reason, "
        + "failure_type, failure_attempts, failure_topic, place) "
        + "CROSS JOIN LATERAL (SELECT * FROM queue_messages n WHERE n.seq = c.seq LIMIT 1) m ORDER BY c.place";

    public const string Insert =
        "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) "
        + "SELECT i.topic, i.partition_key, i.id, i.payload, i.headers, i.visible_after, i.published_at "
        + "FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS i (topic, partition_key, id, payload, headers, visible_after, "
        + "published_at, place) ORDER BY i.place";

    public const string Update =
        "WITH written AS (UPDATE queue_messages m SET visible_after = u.visible_after, wake_at = u.wake_at, backing_off = u.backing_off, "
        + "failures = u.failures, deliveries = u.deliveries, quarantined = u.quarantined, unsettled = u.unsettled, "
        + "published_at = u.published_at "
        + "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) AS u (seq, visible_after, wake_at, backing_off, failures, deliveries, "
        + "quarantined, unsettled, published_at) "
        + "CROSS JOIN LATERAL (SELECT n.ctid FROM queue_messages n WHERE n.seq = u.seq LIMIT 1) r WHERE m.ctid = r.ctid "
        + $"RETURNING 1) SELECT {FailUnlessAll}";

    public const string UpdatePartitions =
        "WITH written AS (UPDATE queue_partitions p SET ready_at = u.ready_at, current_seq = u.current_seq, lease_token = u.lease_token, "
        + "quarantined = u.quarantined, postponed_to = u.postponed_to, postpones = u.postpones "
        + "FROM unnest($1, $2, $3, $4, $5, $6, $7) AS u (place, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones) "
        + "WHERE p.ctid = u.place::tid RETURNING p.topic, p.partition_key, p.ctid AS place, p.lease_token IS NOT NULL AS is_leased) "
        + $"SELECT w.topic, w.partition_key, w.place, w.is_leased, {FailUnlessAll} FROM (VALUES (1)) AS one LEFT JOIN written w ON TRUE";

    /// <summary>Finds partitions by their unique index, which knows the current row. A caller's REPEATABLE READ also sees a row that was
    /// deleted since.</summary>
    public const string UpsertPartitions =
        "INSERT INTO queue_partitions (topic, partition_key, ready_at, current_seq, lease_token, quarantined, postponed_to, postpones) "
        + "SELECT $1, u.* FROM unnest($2, $3, $4, $5, $6, $7, $8) AS u ON CONFLICT (topic, partition_key) DO UPDATE "
        + "SET ready_at = EXCLUDED.ready_at, current_seq = EXCLUDED.current_seq, lease_token = EXCLUDED.lease_token, "
        + "quarantined = EXCLUDED.quarantined, postponed_to = EXCLUDED.postponed_to, postpones = EXCLUDED.postpones";

    public const string DeletePartitions = "DELETE FROM queue_partitions WHERE topic = $1 AND partition_key = ANY($2)";

    /// <summary>Determines whether the server is a standby or a demoted primary, which is not in recovery.</summary>
    public const string IsReadOnly = "SELECT current_setting('transaction_read_only')::boolean";

    public const string NextDue =
        "SELECT (SELECT ready_at FROM queue_partitions WHERE topic = $1 AND NOT quarantined AND ready_at >= $2 ORDER BY ready_at LIMIT 1), "
        + "(SELECT ready_at FROM queue_partitions WHERE topic = $1 AND quarantined ORDER BY ready_at LIMIT 1)";

    /// <summary>The channel of notifications, one per table because each schema may have one.</summary>
    public const string Channel = "'buildrunner_queue_' || 'queue_messages'::regclass::oid";
    public const string Notify = $"SELECT pg_notify({Channel}, $1)";

    /// <summary>Need not reach the disk, because nothing depends on it.</summary>
    public const string NotifyAll =
        $"SELECT set_config('synchronous_commit', 'off', true), pg_notify({Channel}, payload) FROM unnest($1) AS payload";

    /// <summary>The ids are looked up once, before anything is deleted. A subquery of IN might run again.</summary>
    public static BuildDialect Builds { get; } = new()
    {
        IgnoreConflict = " ON CONFLICT DO NOTHING",
        DeleteEnded =
            "DELETE FROM queue_builds WHERE id = ANY(ARRAY(SELECT id FROM queue_builds WHERE ended_at <= ? ORDER BY ended_at LIMIT ? "
            + "FOR UPDATE SKIP LOCKED))",
    };

    public PostgreSqlTables Tables { get; } = tables;

    /// <summary>Gets a value indicating whether processes notify each other of what they publish.</summary>
    public bool Notifies { get; init; } = true;

    /// <summary>Gets the statement that reads the clock, and whether the server is read-only.</summary>
    public string Clock { get; } = $"SELECT {clock}, current_setting('transaction_read_only')::boolean";

    /// <summary>Creates a partition with its message and returns true, or does nothing if the partition exists. The planner takes longer
    /// than the rest, so there is nothing here that several rows need. It is a conflict if the message exists, because somebody has
    /// deleted its partition by hand. The clock is read before a wait for a transaction that creates or deletes the partition,
    /// too. If it is used then, the partition was not created or is deleted, so nothing else is in it.</summary>
    public string InsertNew { get; } =
        $"WITH clock AS (SELECT {clock} AS now), made AS (INSERT INTO queue_partitions (topic, partition_key, ready_at) "
        + $"SELECT $1, $2, {TimeOf("$8")} FROM clock ON CONFLICT DO NOTHING RETURNING 1) "
        + "INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) "
        + $"SELECT $1, $2, $3, $4, $5, {TimeOf("$6")}, {TimeOf("$7")} FROM clock, made {FailOnConflict} RETURNING TRUE";

    /// <summary>Does the same with several, or does nothing if one of the partitions exists. It is a conflict if another transaction
    /// creates one at the same time.</summary>
    public string InsertAllNew { get; } =
        $"WITH clock AS (SELECT {clock} AS now), made AS (INSERT INTO queue_partitions (topic, partition_key, ready_at) "
        + $"SELECT p.topic, p.partition_key, {TimeOf("p.ready_at")} FROM unnest($8, $9, $10) AS p (topic, partition_key, ready_at), clock "
        + "WHERE NOT EXISTS (SELECT FROM unnest($8, $9) AS k (topic, partition_key) CROSS JOIN LATERAL (SELECT FROM queue_partitions q "
        + "WHERE q.topic = k.topic COLLATE \"C\" AND q.partition_key = k.partition_key COLLATE \"C\" LIMIT 1) f) "
        + "ORDER BY p.topic COLLATE \"C\", p.partition_key COLLATE \"C\" ON CONFLICT DO NOTHING RETURNING 1), "
        + "stored AS (INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) "
        + $"SELECT i.topic, i.partition_key, i.id, i.payload, i.headers, {TimeOf("i.visible_after")}, {TimeOf("i.published_at")} "
        + "FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS i (topic, partition_key, id, payload, headers, visible_after, "
        + $"published_at, place), clock WHERE (SELECT count(*) FROM made) = cardinality($8) ORDER BY i.place {FailOnConflict}) "
        + "SELECT m.made > 0, (SELECT 1 FROM (VALUES (1), (2)) AS two WHERE m.made NOT IN (0, cardinality($8))) "
        + "FROM (SELECT count(*) AS made FROM made) AS m";

    /// <summary>Locks what is ready from the time in $3 on. The clock is a subquery so that the index is used.</summary>
    public string LockReady { get; } = LockReadyOf("NOT quarantined", clock, " AND ready_at >= $3");

    public string LockReadyQuarantined { get; } = LockReadyOf("quarantined", clock, "");

    // As QueueClock.After adds a delay.
    private static string TimeOf(string relative) =>
        $"CASE {relative} WHEN 0 THEN clock.now / 1000 ELSE (clock.now + 999) / 1000 + {relative} END";

    private static string LockReadyOf(string which, string clock, string from) =>
        $"SELECT {Partition} FROM queue_partitions WHERE topic = $1 AND {which}{from} AND ready_at <= (SELECT {clock} / 1000) "
        + "ORDER BY ready_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED";
}
