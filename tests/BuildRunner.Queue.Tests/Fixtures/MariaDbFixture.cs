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
    private string _connectionString = "";

    // A few connections per test, because many tests run at once.
    public override async ValueTask InitializeAsync()
    {
        var servers = await TestContext.Current.GetFixture<TestServers>();
        _connectionString = await (await servers!.MariaDbAsync()).CreateDatabaseAsync() + ";Maximum Pool Size=8";
        await CreateClockAsync();
    }

    public override Task<RelationalQueueEngine> OpenUnstartedAsync() =>
        Task.FromResult(new RelationalQueueEngine(new MySqlQueueDatabase(_connectionString, "(SELECT microseconds FROM queue_clock)"), TimeProvider.System));

    public override Task<IQueueEngine> OpenWithRealClockAsync() =>
        Task.FromResult<IQueueEngine>(new RelationalQueueEngine(new MySqlQueueDatabase(_connectionString), TimeProvider.System));

    public override async Task<DbConnection> ConnectAsync()
    {
        MySqlConnection connection = new(_connectionString);
        await connection.OpenAsync();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_connectionString.Length > 0)
        {
            await using MySqlConnection connection = new(_connectionString);
            await MySqlConnection.ClearPoolAsync(connection);
        }
    }
}
