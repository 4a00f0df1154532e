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

    [Fact(Timeout = 300_000)]
    public async Task A_standby_has_what_its_primary_has_and_takes_writes_once_it_is_promoted()
    {
        await using var server = await TestServers.GetAsync(StartAsync());
        await using var standby = await server.StartStandbyAsync();
        var connectionString = await server.CreateDatabaseAsync();
        await using (var connection = await OpenAsync(connectionString))
        {
            await AskAsync(connection, "CREATE TABLE kept AS SELECT 1 AS number");
        }

        await using var replica = await OpenReplicaAsync(connectionString, standby.Port, TestContext.Current.CancellationToken);
        var write = () => AskAsync(replica, "INSERT INTO kept VALUES (2)");
        await write.Should().ThrowAsync<PostgresException>();

        await standby.PromoteAsync();

        await write.Should().NotThrowAsync();
        (await AskAsync(replica, "SELECT SUM(number) FROM kept")).Should().Be(3L);
    }

    // The database is there a moment later than at the primary.
    private async Task<DbConnection> OpenReplicaAsync(string connectionString, int port, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var connection = await OpenAsync(new NpgsqlConnectionStringBuilder(connectionString) { Port = port }.ConnectionString);
                if (await AskAsync(connection, "SELECT to_regclass('kept') IS NOT NULL") is true)
                {
                    return connection;
                }

                await connection.DisposeAsync();
            }
            catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
            {
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
