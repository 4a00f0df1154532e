using System.Security.Cryptography;
using Npgsql;

namespace BuildRunner.Servers;

/// <summary>A PostgreSQL server with databases that sort by a language, not by bytes.</summary>
public sealed class PostgreSqlServer : DatabaseServer
{
    private const string Maintenance = "postgres";

    private readonly string _password;
    private readonly string _postgres;
    private int _schemas;

    private PostgreSqlServer(ServerDirectory directory, string postgres, string password)
        : base(directory)
    {
        _postgres = postgres;
        _password = password;
    }

    private protected override int StopSignal => Posix.Interrupt;

    /// <summary>Starts a server.</summary>
    /// <exception cref="ServerUnavailableException">PostgreSQL is not installed, or has no account to run as.</exception>
    public static Task<PostgreSqlServer> StartAsync() => StartAsync(Find("postgres"), Find("initdb"));

    /// <summary>Starts a server of another version than that of the machine.</summary>
    /// <param name="directory">Where its programs are.</param>
    /// <exception cref="ServerUnavailableException">There is no account to run as.</exception>
    public static Task<PostgreSqlServer> StartAsync(string directory) => StartAsync(Path.Combine(directory, "postgres"), Path.Combine(directory, "initdb"));

    private static async Task<PostgreSqlServer> StartAsync(string postgres, string initdb)
    {
        PostgreSqlServer server = new(await ServerDirectory.CreateAsync("postgres"), postgres, RandomNumberGenerator.GetHexString(32));
        return await StartAsync(server, server.InitializeAsync(initdb));
    }

    /// <summary>Starts a server that follows this one by streaming replication. It can be read, and written once it was promoted.</summary>
    public async Task<PostgreSqlServer> StartStandbyAsync()
    {
        PostgreSqlServer standby = new(await ServerDirectory.CreateAsync("postgres"), _postgres, _password);
        return await StartAsync(standby, standby.RunAsync(
            Path.Combine(Path.GetDirectoryName(_postgres)!, "pg_basebackup"), "-D", standby.DataDirectory, "--write-recovery-conf", "--checkpoint=fast", "--wal-method=stream",
            "--dbname", $"host=127.0.0.1 port={Port} user=postgres password={_password}"));
    }

    /// <summary>Makes a primary of a standby.</summary>
    public Task PromoteAsync() => ExecuteAsync("SELECT pg_promote(true, 60)");

    private static string Find(string program)
    {
        string[] directories = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];
        var newestFirst = directories.OrderByDescending(static path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0)
            .Select(static path => Path.Combine(path, "bin")).ToArray();
        return ServerBinaries.Find(program, "postgresql", newestFirst);
    }

    private static async Task<PostgreSqlServer> StartAsync(PostgreSqlServer server, Task initialize)
    {
        try
        {
            await initialize;
            await server.FirstStartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates an empty schema, which takes less time than a database.</summary>
    /// <returns>A connection string with the schema as search path.</returns>
    public async Task<string> CreateSchemaAsync()
    {
        var name = $"queue_{Interlocked.Increment(ref _schemas)}";
        await ExecuteAsync($"CREATE SCHEMA {name}");
        return new NpgsqlConnectionStringBuilder(ConnectionStringOf(Maintenance)) { SearchPath = name }.ConnectionString;
    }

    private protected override IEnumerable<string> Command() =>
    [
        _postgres, "-D", DataDirectory, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
        "-c", "max_connections=200", "-c", "shared_buffers=256MB", "-c", "max_wal_size=2GB",
    ];

    private protected override string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Password = _password,
        Database = database,
    }.ConnectionString;

    private protected override Task CreateDatabaseAsync(string name) => ExecuteAsync($"CREATE DATABASE {name}");

    private protected override async Task ConnectAsync()
    {
        await using NpgsqlConnection connection = new(ConnectionStringOf(Maintenance) + ";Pooling=false");
        await connection.OpenAsync();
    }

    private async Task ExecuteAsync(string text)
    {
        await using NpgsqlConnection connection = new(ConnectionStringOf(Maintenance));
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task InitializeAsync(string initdb)
    {
        var passwordFile = Home["password"];
        await File.WriteAllTextAsync(passwordFile, _password);
        await RunAsync(initdb, "-D", DataDirectory, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", passwordFile, "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US");
        File.Delete(passwordFile);
    }
}
