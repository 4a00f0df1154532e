using System.Data.Common;
using Npgsql;

namespace BuildRunner.Servers.Tests;

public sealed class PostgreSqlServerTests : DatabaseServerTests<PostgreSqlServer>
{
    protected override Task<PostgreSqlServer> StartAsync() => PostgreSqlServer.StartAsync();

    protected override DbConnection Connect(string connectionString) => new NpgsqlConnection(connectionString);

    protected override string Name => "postgresql";

    protected override string Durability => "SELECT current_setting('fsync') || current_setting('synchronous_commit')";

    protected override string Durable => "onon";

    [Fact]
    public async Task A_database_sorts_by_a_language()
    {
        await using var server = await TestServers.GetAsync(StartAsync());
        await using var connection = await OpenAsync(await server.CreateDatabaseAsync());

        (await AskAsync(connection, "SELECT 'a' < 'B'")).Should().Be(true);
    }
}
