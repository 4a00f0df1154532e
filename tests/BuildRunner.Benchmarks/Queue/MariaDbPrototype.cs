using System.Globalization;
using System.Text;
using MySqlConnector;

namespace BuildRunner.Benchmarks.Queue;

internal sealed class MariaDbPrototype : Prototype
{
    private const string Schema = """
        CREATE TABLE queue_messages (
          seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, topic VARCHAR(204) NOT NULL, partition_key VARCHAR(255) NOT NULL, id VARCHAR(255) NOT NULL,
          payload LONGBLOB NOT NULL, headers LONGTEXT NULL, visible_after BIGINT NOT NULL DEFAULT 0, wake_at BIGINT NULL, backing_off BOOLEAN NOT NULL DEFAULT FALSE,
          failures INTEGER NOT NULL DEFAULT 0, deliveries INTEGER NOT NULL DEFAULT 0, quarantined BOOLEAN NOT NULL DEFAULT FALSE, unsettled BOOLEAN NOT NULL DEFAULT FALSE,
          published_at BIGINT NOT NULL DEFAULT 0, failure_reason VARCHAR(1024) NULL, failure_type VARCHAR(512) NULL, failure_attempts INTEGER NULL, failure_topic VARCHAR(204) NULL,
          UNIQUE KEY queue_messages_identity (topic, partition_key, id), KEY queue_messages_due (topic, partition_key, visible_after, seq)
        ) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
        CREATE TABLE queue_partitions (
          topic VARCHAR(204) NOT NULL, partition_key VARCHAR(255) NOT NULL, ready_at BIGINT NOT NULL, held_seq BIGINT NULL, lease_token BIGINT NULL,
          quarantined BOOLEAN NOT NULL DEFAULT FALSE, PRIMARY KEY (topic, partition_key), KEY queue_partitions_ready (topic, quarantined, ready_at)
        ) ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin;
        """;

    private const string Clock = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6))";
    private const string PartitionColumns = "partition_key, ready_at, held_seq, lease_token, quarantined";
    private const string State = "m.seq, m.partition_key, m.id, m.visible_after, m.wake_at, m.backing_off, m.failures, m.deliveries, m.quarantined, m.unsettled, m.published_at";
    private const string Content = State + ", m.payload, m.headers, m.failure_reason, m.failure_type, m.failure_attempts, m.failure_topic";
    private const string Begin = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION; ";

    private readonly MySqlConnection _connection;

    private MariaDbPrototype(Workload workload, MySqlConnection connection)
        : base(workload) => _connection = connection;

    public static async Task<Prototype> CreateAsync(Workload workload, string connectionString)
    {
        MySqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        MariaDbPrototype prototype = new(workload, connection);
        await prototype.RunAsync(Schema, []);
        return prototype;
    }

    public override ValueTask DisposeAsync() => _connection.DisposeAsync();

    protected override Task PublishAsync(IReadOnlyList<string> keys)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return RunAsync(
            Begin
            + $"INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES {Marks("(?, ?, ?)", keys.Count)}; "
            + $"INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) VALUES {Marks("(?, ?, ?, ?, NULL, ?, ?)", keys.Count)}; COMMIT",
            [.. keys.SelectMany(key => new object[] { Topic, key, now }), .. keys.SelectMany(key => new object[] { Topic, key, key, "payload"u8.ToArray(), now, now })]);
    }

    protected override async Task<(IReadOnlyList<Held> Claimed, long DueIn)> RunRoundAsync(IReadOnlyList<Held> held)
    {
        var (ready, now) = await LockAsync(held);
        var (settled, claims) = await ReadAsync(held, ready);
        return (claims.ConvertAll(static message => message with { Deliveries = message.Deliveries + 1 }), await WriteAsync(settled, claims, now) - now);
    }

    private async Task<(List<(string Key, long? Held)> Ready, long Now)> LockAsync(IReadOnlyList<Held> held)
    {
        StringBuilder text = new(Begin);
        List<object> values = [];
        if (held.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"SELECT {PartitionColumns} FROM queue_partitions FORCE INDEX (PRIMARY) WHERE topic = ? AND partition_key IN ({Marks("?", held.Count)}) ORDER BY partition_key FOR UPDATE SKIP LOCKED; ");
            values.AddRange([Topic, .. held.Select(static message => message.Key).Order(StringComparer.Ordinal)]);
        }

        foreach (var (quarantined, limit) in new[] { (false, Workload.Batch), (true, 8) })
        {
            text.Append(CultureInfo.InvariantCulture, $"SELECT {PartitionColumns} FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ? AND quarantined = ? AND ready_at <= {Clock} DIV 1000 ORDER BY ready_at LIMIT ? FOR UPDATE SKIP LOCKED; ");
            values.AddRange([Topic, quarantined, limit]);
        }

        var results = await RunAsync(text.Append(CultureInfo.InvariantCulture, $"SELECT {Clock}").ToString(), values);
        var ready = results[^3].Concat(results[^2]).Select(static row => ((string)row[0], row[2] is long seq ? (long?)seq : null)).ToList();
        return (ready, Convert.ToInt64(results[^1][0][0], CultureInfo.InvariantCulture) / 1000);
    }

    private async Task<(List<Held> Settled, List<Held> Claims)> ReadAsync(IReadOnlyList<Held> held, List<(string Key, long? Held)> ready)
    {
        var known = ready.Where(static row => row.Held is not null).Select(static row => (object)row.Held!.Value).ToList();
        var firsts = ready.Where(static row => row.Held is null).Select(static row => (object)row.Key).ToList();
        StringBuilder text = new("DO 0; ");
        List<object> values = [];
        if (held.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"SELECT {State} FROM queue_messages m WHERE m.seq IN ({Marks("?", held.Count)}); ");
            values.AddRange(held.Select(static message => (object)message.Seq));
        }

        if (known.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"SELECT {Content} FROM queue_messages m WHERE m.seq IN ({Marks("?", known.Count)}); ");
            values.AddRange(known);
        }

        if (firsts.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"SELECT {Content} FROM queue_partitions p STRAIGHT_JOIN queue_messages m ON m.seq = (SELECT n.seq FROM queue_messages n FORCE INDEX (queue_messages_due) WHERE n.topic = p.topic AND n.partition_key = p.partition_key ORDER BY n.visible_after, n.seq LIMIT 1) WHERE p.topic = ? AND p.partition_key IN ({Marks("?", firsts.Count)}); ");
            values.AddRange([Topic, .. firsts]);
        }

        var results = await RunAsync(text.ToString(), values);
        var settled = held.Count == 0 ? [] : results[0].ConvertAll(ToHeld);
        return (settled, results.Skip(held.Count == 0 ? 0 : 1).SelectMany(static rows => rows).Select(ToHeld).ToList());
    }

    private async Task<long> WriteAsync(List<Held> settled, List<Held> claims, long now)
    {
        var kept = settled.Where(message => message.Deliveries + 1 < Workload.Polls).ToList();
        var gone = settled.Where(message => message.Deliveries + 1 == Workload.Polls).ToList();
        StringBuilder text = new("DO 0; ");
        List<object> values = [];
        if (kept.Count > 0)
        {
            text.Append("UPDATE JSON_TABLE(?, '$[*]' COLUMNS (seq BIGINT PATH '$[0]', visible_after BIGINT PATH '$[1]', wake_at BIGINT PATH '$[2]', backing_off TINYINT PATH '$[3]', failures INTEGER PATH '$[4]', deliveries INTEGER PATH '$[5]', quarantined TINYINT PATH '$[6]', unsettled TINYINT PATH '$[7]', published_at BIGINT PATH '$[8]')) u STRAIGHT_JOIN queue_messages m FORCE INDEX (PRIMARY) ON m.seq = u.seq SET m.visible_after = u.visible_after, m.wake_at = u.wake_at, m.backing_off = u.backing_off, m.failures = u.failures, m.deliveries = u.deliveries, m.quarantined = u.quarantined, m.unsettled = u.unsettled, m.published_at = u.published_at; ");
            values.Add("[" + string.Join(',', kept.Select(message => $"[{message.Seq},{now + 1 + Workload.Postpone},null,0,0,{message.Deliveries + 1},0,0,{now}]")) + "]");
        }

        if (gone.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"DELETE m FROM queue_messages m FORCE INDEX (PRIMARY) WHERE m.seq IN ({Marks("?", gone.Count)}); ");
            values.AddRange(gone.Select(static message => (object)message.Seq));
        }

        if (kept.Count + claims.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"INSERT INTO queue_partitions (topic, partition_key, ready_at, held_seq, lease_token, quarantined) VALUES {Marks("(?, ?, ?, ?, ?, FALSE)", kept.Count + claims.Count)} ON DUPLICATE KEY UPDATE ready_at = VALUES(ready_at), held_seq = VALUES(held_seq), lease_token = VALUES(lease_token), quarantined = VALUES(quarantined); ");
            values.AddRange(kept.SelectMany(message => new object[] { Topic, message.Key, now + 1 + Workload.Postpone, message.Seq, DBNull.Value }));
            values.AddRange(claims.SelectMany(message => new object[] { Topic, message.Key, now + LeaseDuration, message.Seq, Random.Shared.NextInt64() }));
        }

        if (gone.Count > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"DELETE p FROM queue_partitions p FORCE INDEX (PRIMARY) WHERE p.topic = ? AND p.partition_key IN ({Marks("?", gone.Count)}); ");
            values.AddRange([Topic, .. gone.Select(static message => (object)message.Key)]);
        }

        text.Append("SELECT (SELECT ready_at FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ? AND quarantined = FALSE ORDER BY ready_at LIMIT 1), (SELECT ready_at FROM queue_partitions FORCE INDEX (queue_partitions_ready) WHERE topic = ? AND quarantined = TRUE ORDER BY ready_at LIMIT 1); COMMIT");
        values.AddRange([Topic, Topic]);
        var results = await RunAsync(text.ToString(), values);
        return results[^1][0][0] is long due ? due : now;
    }

    private static Held ToHeld(object[] row) => new((string)row[1], (long)row[0], (int)row[7]);

    private static string Marks(string mark, int count) => string.Join(", ", Enumerable.Repeat(mark, count));

    /// <summary>Runs statements in one round trip, and gets the rows of those that give any.</summary>
    private async Task<List<List<object[]>>> RunAsync(string text, IReadOnlyList<object> values)
    {
#pragma warning disable CA2100 // Values are parameters.
        await using MySqlCommand command = new(text, _connection);
#pragma warning restore CA2100
        foreach (var value in values)
        {
            command.Parameters.Add(new MySqlParameter { Value = value });
        }

        await using var reader = await command.ExecuteReaderAsync();
        List<List<object[]>> results = [];
        do
        {
            if (reader.FieldCount > 0)
            {
                List<object[]> rows = [];
                while (await reader.ReadAsync())
                {
                    var row = new object[reader.FieldCount];
                    reader.GetValues(row);
                    rows.Add(row);
                }

                results.Add(rows);
            }
        }
        while (await reader.NextResultAsync());
        return results;
    }
}
