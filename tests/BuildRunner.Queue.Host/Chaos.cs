using BuildRunner.MySql;
using BuildRunner.PostgreSql;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using BuildRunner.Sqlite;

namespace BuildRunner.Queue.Host;

/// <summary>The names and values that the processes and the test share.</summary>
internal static class Chaos
{
    public const string Topic = "chaos";
    public const int MaxAttempts = 3;

    /// <summary>The line that a process prints when it consumes.</summary>
    public const string Consuming = "consuming";

    public static readonly TimeSpan LeaseDuration = TimeSpan.FromSeconds(1);

    /// <summary>How long a node of a cluster is unused before another one takes over.</summary>
    private static readonly TimeSpan WriterSilence = TimeSpan.FromSeconds(2);

    /// <summary>The length of a stall on request. It outlasts the leases of the process.</summary>
    public static readonly TimeSpan Stall = TimeSpan.FromSeconds(1.4);

    /// <summary>Gets the microseconds since 1970. The servers run on this machine, so that this is what the database's clock reads as well, and finer than SQLite reads it.</summary>
    public static long Now => (DateTime.UtcNow - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static IQueueEngine CreateEngine(string engine, string connectionString, Journal journal, int? stallsAt = null) => new RecordingEngine(
        new QueueEngine(CreateDatabase(engine, connectionString), TimeProvider.System), journal, stallsAt);

    public static void Configure(ConsumerOptions options)
    {
        options.MaxAttempts = MaxAttempts;
        options.LeaseDuration = LeaseDuration;
        options.RetryDelay = TimeSpan.FromMilliseconds(50);
        options.MaxRetryDelay = TimeSpan.FromMilliseconds(500);
        options.PollInterval = TimeSpan.FromMilliseconds(100);
    }

    private static IQueueDatabase CreateDatabase(string engine, string connectionString) => engine switch
    {
        "sqlite" => new SqliteQueueDatabase(connectionString),
        "postgresql" => new PostgreSqlQueueDatabase(connectionString, TimeProvider.System),
        "mysql" => new MySqlQueueDatabase(connectionString, TimeProvider.System) { WriterSilence = WriterSilence },
        _ => throw new ArgumentException($"'{engine}' is no engine; name sqlite, postgresql or mysql.", nameof(engine)),
    };
}
