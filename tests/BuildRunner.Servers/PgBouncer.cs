using Npgsql;

namespace BuildRunner.Servers;

/// <summary>A PgBouncer in transaction mode, in front of one address. It has no data of its own.</summary>
public sealed class PgBouncer : DatabaseServer
{
    // The console of PgBouncer, which knows no types.
    private const string Console = "pgbouncer";

    private readonly string _pgbouncer;
    private readonly string _psql;
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly IReadOnlyList<string> _settings;

    private PgBouncer(ServerDirectory directory, string pgbouncer, string psql, string connectionString, IReadOnlyList<string> settings)
        : base(directory)
    {
        _pgbouncer = pgbouncer;
        _psql = psql;
        _server = new(connectionString);
        _settings =
        [
            "[databases]",
            $"* = host={_server.Host} port={_server.Port}",
            "[pgbouncer]",
            "listen_addr = 127.0.0.1",
            "unix_socket_dir =",
            "auth_type = scram-sha-256",
            $"auth_file = {Home["users.txt"]}",
            $"admin_users = {_server.Username}",
            "pool_mode = transaction",
            .. settings,
        ];
    }

    /// <summary>Gets a value indicating whether it has ended by itself.</summary>
    public bool HasEnded => ProcessId is { } process && !Directory.Exists($"/proc/{process}");

    // Version 1.18 waits for clients at a SIGINT, newer ones at a SIGTERM as well. There is nothing to save.
    private protected override int StopSignal => Posix.Kill;

    /// <summary>Starts a PgBouncer.</summary>
    /// <param name="connectionString">What connects to the server without it.</param>
    /// <param name="settings">Further lines of its configuration.</param>
    /// <exception cref="ServerUnavailableException">PgBouncer is not installed, or has no account to run as.</exception>
    public static async Task<PgBouncer> StartAsync(string connectionString, params IReadOnlyList<string> settings)
    {
        var pgbouncer = ServerBinaries.Find("pgbouncer", "pgbouncer", []);
        var psql = ServerBinaries.Find("psql", "postgresql", []);
        PgBouncer server = new(await ServerDirectory.CreateAsync("postgres"), pgbouncer, psql, connectionString, settings);
        try
        {
            await File.WriteAllTextAsync(server.Home["users.txt"], $"\"{server._server.Username}\" \"{server._server.Password}\"");
            await server.FirstStartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gets what connects to the server through this.</summary>
    public string Through(string connectionString) => new NpgsqlConnectionStringBuilder(connectionString) { Host = "127.0.0.1", Port = Port }.ConnectionString;

    /// <summary>Has connections to the server replaced as soon as their transactions are over.</summary>
    public Task ReconnectAsync() =>
        RunAsync(_psql, "--no-psqlrc", "--quiet", "--dbname", $"host=127.0.0.1 port={Port} user={_server.Username} password={_server.Password} dbname={Console}", "--command", "RECONNECT");

    private protected override IEnumerable<string> Command()
    {
        // The port may be another one than at the last try.
        File.WriteAllLines(Home["pgbouncer.ini"], [.. _settings, $"listen_port = {Port}"]);
        return [_pgbouncer, Home["pgbouncer.ini"]];
    }

    private protected override string ConnectionStringOf(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = _server.Username,
        Password = _server.Password,
        Database = database,
    }.ConnectionString;

    private protected override Task CreateDatabaseAsync(string name) => throw new NotSupportedException("Create the database on the server.");

    private protected override async Task ConnectAsync()
    {
        await using NpgsqlConnection connection = new(ConnectionStringOf(Console) + ";Pooling=false;Server Compatibility Mode=NoTypeLoading;Timeout=2");
        await connection.OpenAsync();
    }
}
