using Xunit;

namespace BuildRunner.Servers;

/// <summary>The servers of one run of tests, started when a test first asks for them: a fixture of the assembly.</summary>
public sealed class TestServers : IAsyncDisposable
{
    private readonly Lazy<Task<PostgreSqlServer>> _postgreSql = new(PostgreSqlServer.StartAsync);
    private readonly Lazy<Task<MariaDbServer>> _mariaDb = new(static () => MariaDbServer.StartAsync());

    /// <summary>Gets the PostgreSQL server. If it is not installed, the test is skipped, or fails on a build server (<c>CI=true</c>).</summary>
    public Task<PostgreSqlServer> PostgreSqlAsync() => GetAsync(_postgreSql.Value);

    /// <summary>Gets the MariaDB server. If it is not installed, the test is skipped, or fails on a build server (<c>CI=true</c>).</summary>
    public Task<MariaDbServer> MariaDbAsync() => GetAsync(_mariaDb.Value);

    /// <summary>Gets a server. If it is not installed, the test is skipped, or fails on a build server (<c>CI=true</c>).</summary>
    public static async Task<T> GetAsync<T>(Task<T> start)
    {
        ArgumentNullException.ThrowIfNull(start);
        try
        {
            return await start;
        }
        catch (ServerUnavailableException exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(exception.Message);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DisposeAsync(_postgreSql);
        await DisposeAsync(_mariaDb);
    }

    private static async Task DisposeAsync<T>(Lazy<Task<T>> server)
        where T : DatabaseServer
    {
        if (server.IsValueCreated && server.Value.IsCompletedSuccessfully)
        {
            await (await server.Value).DisposeAsync();
        }
    }
}
