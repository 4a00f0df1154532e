using BuildRunner.MySql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>A cluster of two nodes for the tests of one class.</summary>
public sealed class GaleraCluster : IAsyncLifetime
{
    internal GaleraServer First { get; private set; } = null!;

    /// <summary>Gets the node that remains usable if the two lose each other.</summary>
    internal GaleraServer Second { get; private set; } = null!;

    public async ValueTask InitializeAsync() => (First, Second) = await TestServers.GetAsync(GaleraServer.StartAsync(firstWeight: 1, secondWeight: 2));

    public async ValueTask DisposeAsync()
    {
        if (First is not null)
        {
            await First.DisposeAsync();
            await Second.DisposeAsync();
        }
    }

    /// <summary>Creates an empty database.</summary>
    /// <returns>The connection strings to it at both nodes.</returns>
    internal async Task<(string AtFirst, string AtSecond)> CreateDatabaseAsync()
    {
        var atFirst = await First.CreateDatabaseAsync();
        var atSecond = Second.ConnectionStringTo(new MySqlConnectionStringBuilder(atFirst).Database);
        await SyncAsync(Second.ConnectionStringTo(""));
        return (atFirst, atSecond);
    }

    /// <summary>Opens a queue.</summary>
    /// <param name="connectionString">The node.</param>
    /// <param name="isGuarded">Whether only one node is written to, as in production.</param>
    internal static RelationalQueueEngine Open(string connectionString, bool isGuarded = true) => new(Database(connectionString, isGuarded), TimeProvider.System)
    {
        StartTimeout = TimeSpan.Zero,
    };

    internal static MySqlQueueDatabase Database(string connectionString, bool isGuarded = true) =>
        new(connectionString, TimeProvider.System) { WriterSilence = isGuarded ? TimeSpan.FromHours(1) : null };

    internal static async Task ExecuteAsync(string connectionString, string text)
    {
        await using MySqlConnection connection = new(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using MySqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    internal static async Task<long> CountAsync(string connectionString, string text)
    {
        await using MySqlConnection connection = new(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using MySqlCommand command = new("SET SESSION wsrep_sync_wait = 1; " + text, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until a node knows what was committed at the other one.</summary>
    internal static Task SyncAsync(string connectionString) => ExecuteAsync(connectionString, "SET SESSION wsrep_sync_wait = 15; DO (SELECT COUNT(*) FROM mysql.db)");

    /// <summary>Makes it long ago that a node was used.</summary>
    internal static Task AgeAsync(string connectionString) => ExecuteAsync(connectionString, "UPDATE queue_writer SET seen_at = 0 WHERE part = 'seen'");
}
