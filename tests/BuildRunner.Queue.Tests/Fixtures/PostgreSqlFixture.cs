using System.Data.Common;
using BuildRunner.PostgreSql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A schema of its own per test, on the server of the run.</summary>
[EnginePackage("BuildRunner.PostgreSql")]
public class PostgreSqlFixture : RowLockingFixture
{
    // A few connections per test, because many tests run at once.
    public override async ValueTask InitializeAsync()
    {
        ConnectionString = await (await ServerAsync()).CreateSchemaAsync() + $";Application Name={Guid.NewGuid():N};Maximum Pool Size=8;Connection Idle Lifetime=5;Connection Pruning Interval=2";
        await CreateClockAsync();
    }

    internal override IBuildDatabase OpenDatabase(string options = "") => OpenDatabase(options, new SteppedTime(TimeSpan.Zero));

    internal override IBuildDatabase OpenDatabase(TimeProvider timeProvider, string options = "") => OpenDatabase(options, timeProvider);

    /// <summary>Opens the database alone.</summary>
    /// <param name="options">What is added to the connection string.</param>
    /// <param name="timeProvider">Times the pauses of the connection that listens.</param>
    internal PostgreSqlQueueDatabase OpenDatabase(string options, TimeProvider timeProvider) => new(ConnectionString + options, timeProvider, "(SELECT microseconds FROM queue_clock)");

    internal override Task<IQueueEngine> OpenWithRealClockAsync() =>
        Task.FromResult<IQueueEngine>(new RelationalQueueEngine(new PostgreSqlQueueDatabase(ConnectionString, TimeProvider.System), TimeProvider.System));

    public override Task<long> CountWaitingAsync() =>
        CountAsync("SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = current_setting('application_name') AND wait_event_type = 'Lock'");

    public override Task<long> ReadRealClockAsync() => CountAsync("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint");

    public override Task CutConnectionsAsync() =>
        ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()");

    public override Task RefuseWritesAsync() => ExecuteAsync(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$; CREATE TRIGGER refuse_writes BEFORE INSERT ON queue_messages FOR EACH STATEMENT EXECUTE FUNCTION refuse()");

    public override Task UndoSharedTransactionsAsync() => ExecuteAsync(
        "CREATE FUNCTION undo_shared() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF current_setting('lock_timeout') = '1s' THEN RAISE deadlock_detected; END IF; RETURN NULL; END $$; "
        + "CREATE TRIGGER undo_shared BEFORE INSERT ON queue_messages FOR EACH STATEMENT EXECUTE FUNCTION undo_shared()");

    public override Task TakeWritesAsync() => ExecuteAsync("DROP TRIGGER refuse_writes ON queue_messages");

    public override async Task<DbConnection> ConnectAsync()
    {
        NpgsqlConnection connection = new(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        if (ConnectionString.Length > 0)
        {
            using NpgsqlConnection connection = new(ConnectionString);
            NpgsqlConnection.ClearPool(connection);
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Gets the server of the run.</summary>
    protected virtual async Task<PostgreSqlServer> ServerAsync() => await (await TestContext.Current.GetFixture<TestServers>())!.PostgreSqlAsync();
}
