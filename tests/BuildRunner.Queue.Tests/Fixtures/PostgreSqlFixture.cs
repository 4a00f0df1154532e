using System.Data.Common;
using BuildRunner.PostgreSql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A schema of its own per test, on the server of the run.</summary>
[EnginePackage("BuildRunner.PostgreSql")]
public sealed class PostgreSqlFixture : RowLockingFixture
{
    private string _connectionString = "";

    // A few connections per test, because many tests run at once.
    public override async ValueTask InitializeAsync()
    {
        var servers = await TestContext.Current.GetFixture<TestServers>();
        _connectionString = await (await servers!.PostgreSqlAsync()).CreateSchemaAsync() + ";Maximum Pool Size=8;Connection Idle Lifetime=5;Connection Pruning Interval=2";
        await CreateClockAsync();
    }

    public override Task<RelationalQueueEngine> OpenUnstartedAsync() =>
        Task.FromResult(new RelationalQueueEngine(new PostgreSqlQueueDatabase(_connectionString, "(SELECT microseconds FROM queue_clock)"), TimeProvider.System));

    public override Task<IQueueEngine> OpenWithRealClockAsync() =>
        Task.FromResult<IQueueEngine>(new RelationalQueueEngine(new PostgreSqlQueueDatabase(_connectionString), TimeProvider.System));

    public override async Task<DbConnection> ConnectAsync()
    {
        NpgsqlConnection connection = new(_connectionString);
        await connection.OpenAsync();
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        if (_connectionString.Length > 0)
        {
            using NpgsqlConnection connection = new(_connectionString);
            NpgsqlConnection.ClearPool(connection);
        }

        return ValueTask.CompletedTask;
    }
}
