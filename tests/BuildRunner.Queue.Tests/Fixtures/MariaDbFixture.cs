using System.Data.Common;
using BuildRunner.MySql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A database of its own per test, on the server of the run, which is one of MariaDB.</summary>
[EnginePackage("BuildRunner.MySql")]
public sealed class MariaDbFixture : RowLockingFixture
{
    // A few connections per test, because many tests run at once.
    public override async ValueTask InitializeAsync()
    {
        var servers = await TestContext.Current.GetFixture<TestServers>();
        ConnectionString = await (await servers!.MariaDbAsync()).CreateDatabaseAsync() + ";Maximum Pool Size=8";
        await CreateClockAsync();
    }

    internal override IBuildDatabase OpenDatabase(string options = "") => OpenDatabase(new SteppedTime(TimeSpan.Zero), options);

    internal override IBuildDatabase OpenDatabase(TimeProvider timeProvider, string options = "") => new MySqlQueueDatabase(ConnectionString + options, timeProvider, "(SELECT microseconds FROM queue_clock)");

    internal override Task<IQueueEngine> OpenWithRealClockAsync() =>
        Task.FromResult<IQueueEngine>(new RelationalQueueEngine(new MySqlQueueDatabase(ConnectionString, TimeProvider.System), TimeProvider.System));

    public override bool HearsOthers => false;

    /// <inheritdoc/>
    /// <remarks>A query within 100 ms of the last one returns the old state, so each query follows a pause.</remarks>
    public override async Task<long> CountWaitingAsync()
    {
        await Task.Delay(TimeSpan.FromMilliseconds(200));
        return await CountAsync("SELECT COUNT(*) FROM information_schema.innodb_trx t JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.db = DATABASE() AND t.trx_state = 'LOCK WAIT'");
    }

    public override Task<long> ReadRealClockAsync() => CountAsync("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) DIV 1000");

    public override async Task CutConnectionsAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT CONCAT(GROUP_CONCAT(CONCAT('KILL ', id) SEPARATOR ';'), ';') FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()";
        command.CommandText = (string)(await command.ExecuteScalarAsync())!;
        await command.ExecuteNonQueryAsync();
    }

    public override Task RefuseWritesAsync() => ExecuteAsync("CREATE TRIGGER refuse_writes BEFORE INSERT ON queue_messages FOR EACH ROW SIGNAL SQLSTATE '45000'");

    public override Task UndoSharedTransactionsAsync() => ExecuteAsync(
        "CREATE TRIGGER undo_shared BEFORE INSERT ON queue_messages FOR EACH ROW IF @@SESSION.innodb_lock_wait_timeout = 1 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = 1213; END IF");

    public override async Task<DbConnection> ConnectAsync()
    {
        MySqlConnection connection = new(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        if (ConnectionString.Length > 0)
        {
            await using MySqlConnection connection = new(ConnectionString);
            await MySqlConnection.ClearPoolAsync(connection);
        }
    }
}
