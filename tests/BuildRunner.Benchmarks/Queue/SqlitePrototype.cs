using Microsoft.Data.Sqlite;

namespace BuildRunner.Benchmarks.Queue;

internal sealed class SqlitePrototype : Prototype
{
    private const string Schema = """
        PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        CREATE TABLE queue_messages (
          seq INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, partition_key TEXT NOT NULL, id TEXT NOT NULL, payload BLOB NOT NULL, headers TEXT NULL,
          visible_after INTEGER NOT NULL DEFAULT 0, wake_at INTEGER NULL, backing_off INTEGER NOT NULL DEFAULT 0, failures INTEGER NOT NULL DEFAULT 0,
          deliveries INTEGER NOT NULL DEFAULT 0, quarantined INTEGER NOT NULL DEFAULT 0, unsettled INTEGER NOT NULL DEFAULT 0, published_at INTEGER NOT NULL DEFAULT 0,
          failure_reason TEXT NULL, failure_type TEXT NULL, failure_attempts INTEGER NULL, failure_topic TEXT NULL,
          UNIQUE (topic, partition_key, id));
        CREATE INDEX queue_messages_due ON queue_messages (topic, partition_key, visible_after, seq);
        CREATE TABLE queue_partitions (
          topic TEXT NOT NULL, partition_key TEXT NOT NULL, ready_at INTEGER NOT NULL, held_seq INTEGER NULL, lease_token INTEGER NULL, quarantined INTEGER NOT NULL DEFAULT 0,
          PRIMARY KEY (topic, partition_key)) WITHOUT ROWID;
        CREATE INDEX queue_partitions_ready ON queue_partitions (topic, quarantined, ready_at);
        """;

    private const string State = "seq, partition_key, id, visible_after, wake_at, backing_off, failures, deliveries, quarantined, unsettled, published_at";

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = [];

    private SqlitePrototype(Workload workload, SqliteConnection connection)
        : base(workload) => _connection = connection;

    public static Prototype Create(Workload workload, string path)
    {
        SqliteConnection connection = new($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Schema;
        command.ExecuteNonQuery();
        return new SqlitePrototype(workload, connection);
    }

    public override ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }

        return _connection.DisposeAsync();
    }

    protected override Task PublishAsync(IReadOnlyList<string> keys)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        Execute("BEGIN IMMEDIATE");
        foreach (var key in keys)
        {
            Execute("INSERT INTO queue_messages (topic, partition_key, id, payload, headers, visible_after, published_at) VALUES ($1, $2, $3, $4, NULL, $5, $6)", Topic, key, key, "payload"u8.ToArray(), now, now);
            Execute("INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ($1, $2, $3)", Topic, key, now);
        }

        Execute("COMMIT");
        return Task.CompletedTask;
    }

    protected override Task<(IReadOnlyList<Held> Claimed, long DueIn)> RunRoundAsync(IReadOnlyList<Held> held)
    {
        Execute("BEGIN IMMEDIATE");
        var now = Read("SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)", static row => row.GetInt64(0))[0];
        var settled = held.Select(message =>
        {
            Read("SELECT partition_key, ready_at, held_seq, lease_token, quarantined FROM queue_partitions WHERE topic = $1 AND partition_key = $2", static row => row.GetString(0), Topic, message.Key);
            return Read($"SELECT {State} FROM queue_messages WHERE seq = $1", static row => ReadHeld(row), message.Seq)[0];
        }).ToList();
        foreach (var message in settled)
        {
            Settle(message with { Deliveries = message.Deliveries + 1 }, now);
        }

        var claimed = Claim(now);
        var due = Read(
            "SELECT (SELECT ready_at FROM queue_partitions WHERE topic = $1 AND quarantined = 0 ORDER BY ready_at LIMIT 1), (SELECT ready_at FROM queue_partitions WHERE topic = $1 AND quarantined = 1 ORDER BY ready_at LIMIT 1)",
            row => row.IsDBNull(0) ? now : row.GetInt64(0),
            Topic)[0];
        Execute("COMMIT");
        return Task.FromResult<(IReadOnlyList<Held>, long)>((claimed, due - now));
    }

    private static Held ReadHeld(SqliteDataReader row)
    {
        _ = (row.GetString(2), row.GetInt64(3), row.IsDBNull(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10));
        return new Held(row.GetString(1), row.GetInt64(0), row.GetInt32(7));
    }

    private List<Held> Claim(long now)
    {
        List<Held> claimed = [];
        foreach (var (key, seq) in Read("SELECT partition_key, ready_at, held_seq, lease_token, quarantined FROM queue_partitions WHERE topic = $1 AND quarantined = 0 AND ready_at <= $2 ORDER BY ready_at LIMIT $3", static row => (row.GetString(0), row.IsDBNull(2) ? (long?)null : row.GetInt64(2)), Topic, now, Workload.Batch))
        {
            const string Content = State + ", payload, headers, failure_reason, failure_type, failure_attempts, failure_topic";
            var message = seq is { } known
                ? Read($"SELECT {Content} FROM queue_messages WHERE seq = $1", static row => ReadContent(row), known)[0]
                : Read($"SELECT {Content} FROM queue_messages WHERE topic = $1 AND partition_key = $2 ORDER BY visible_after, seq LIMIT 1", static row => ReadContent(row), Topic, key)[0];
            WritePartition(key, now + LeaseDuration, message.Seq, Random.Shared.NextInt64());
            claimed.Add(message with { Deliveries = message.Deliveries + 1 });
        }

        return claimed;
    }

    private static Held ReadContent(SqliteDataReader row)
    {
        _ = row.GetFieldValue<byte[]>(11);
        return ReadHeld(row);
    }

    private void Settle(Held message, long now)
    {
        if (message.Deliveries == Workload.Polls)
        {
            Execute("DELETE FROM queue_messages WHERE seq = $1", message.Seq);
            Execute("DELETE FROM queue_partitions WHERE topic = $1 AND partition_key = $2", Topic, message.Key);
            return;
        }

        Execute("UPDATE queue_messages SET wake_at = NULL, backing_off = 0, failures = 0, deliveries = $2, quarantined = 0, unsettled = 0, published_at = $3 WHERE seq = $1", message.Seq, message.Deliveries, now);
        Execute("UPDATE queue_messages SET visible_after = $2 WHERE seq = $1", message.Seq, now + 1 + Workload.Postpone);
        WritePartition(message.Key, now + 1 + Workload.Postpone, message.Seq, token: null);
    }

    private void WritePartition(string key, long readyAt, long held, long? token) =>
        Execute("UPDATE queue_partitions SET ready_at = $3, held_seq = $4, lease_token = $5, quarantined = 0 WHERE topic = $1 AND partition_key = $2", Topic, key, readyAt, held, token ?? (object)DBNull.Value);

    private void Execute(string sql, params ReadOnlySpan<object> values) => Command(sql, values).ExecuteNonQuery();

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object> values)
    {
        List<T> rows = [];
        using var reader = Command(sql, values).ExecuteReader();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<object> values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (var i = 1; i <= values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i });
            }

            command.Prepare();
            _commands.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        return command;
    }
}
