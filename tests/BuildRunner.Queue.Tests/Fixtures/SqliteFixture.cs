using System.Data.Common;
using BuildRunner.Relational;
using BuildRunner.Sqlite;
using Microsoft.Data.Sqlite;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A file of its own per test.</summary>
[EnginePackage("BuildRunner.Sqlite")]
public sealed class SqliteFixture : SqlFixture
{
    private static readonly string[] Changes = ["INSERT", "UPDATE"];

    private readonly string _directory = Directory.CreateTempSubdirectory("queue-").FullName;

    public string ConnectionString => $"Data Source={Path.Combine(_directory, "queue.db")};Pooling=False";

    // The WAL first: it is what the first writer of the queue would switch to, and it cannot while others read.
    public override async ValueTask InitializeAsync()
    {
        await ExecuteAsync("PRAGMA journal_mode = WAL");
        await CreateClockAsync();
    }

    internal override IBuildDatabase OpenDatabase(string options = "") => new SqliteQueueDatabase(ConnectionString + options, "(SELECT microseconds FROM queue_clock)");

    internal override Task<IQueueEngine> OpenWithRealClockAsync() =>
        Task.FromResult<IQueueEngine>(new RelationalQueueEngine(new SqliteQueueDatabase(ConnectionString), TimeProvider.System));

    public override Task RefuseWritesAsync() => ExecuteAsync("CREATE TRIGGER refuse_writes BEFORE INSERT ON queue_messages BEGIN SELECT RAISE(ABORT, 'no'); END");

    // A constraint cannot be added to a table that is there.
    public override Task RefuseRowsUnlessAsync(string table, string condition) => ExecuteAsync(string.Join(
        ' ',
        Changes.Select(change =>
            $"CREATE TRIGGER refused_{change} AFTER {change} ON {table} WHEN EXISTS (SELECT * FROM {table} WHERE rowid = NEW.rowid AND NOT ({condition})) BEGIN SELECT RAISE(ABORT, 'no'); END;")));

    public override Task TakeMessagesAsync() => ExecuteAsync("DROP TRIGGER refused_INSERT; DROP TRIGGER refused_UPDATE");

    public override async Task<DbConnection> ConnectAsync()
    {
        SqliteConnection connection = new(ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();

        // What the tests write themselves need not outlive the machine.
        command.CommandText = "PRAGMA busy_timeout = 5000; PRAGMA synchronous = OFF";
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }
}
