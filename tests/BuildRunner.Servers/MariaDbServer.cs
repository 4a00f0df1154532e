using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using MySqlConnector;

namespace BuildRunner.Servers;

/// <summary>A MariaDB server with the defaults of the program, so that tables are of the character set <c>latin1</c> unless they say otherwise.</summary>
public sealed partial class MariaDbServer : DatabaseServer
{
    private readonly string _password = RandomNumberGenerator.GetHexString(32);
    private readonly string _mariadbd;
    private readonly IReadOnlyList<string> _options;

    private MariaDbServer(ServerDirectory directory, string mariadbd, IReadOnlyList<string> options)
        : base(directory)
    {
        _mariadbd = mariadbd;
        _options = options;
    }

    private protected override int StopSignal => Posix.Terminate;

    /// <summary>Starts a server.</summary>
    /// <param name="options">Further options of the program.</param>
    /// <exception cref="ServerUnavailableException">MariaDB is not installed, or has no account to run as.</exception>
    public static async Task<MariaDbServer> StartAsync(params IReadOnlyList<string> options)
    {
        var mariadbd = ServerBinaries.Find("mariadbd", "mariadb-server", []);
        var install = ServerBinaries.Find("mariadb-install-db", "mariadb-server", []);
        MariaDbServer server = new(await ServerDirectory.CreateAsync("mysql"), mariadbd, options);
        try
        {
            await server.InitializeAsync(install);
            await server.FirstStartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Checks that a server can listen at some addresses of the machine, as it can since version 10.11, and not only at one or all.</summary>
    /// <exception cref="ServerUnavailableException">MariaDB is not installed.</exception>
    /// <exception cref="PlatformNotSupportedException">It cannot.</exception>
    public static async Task<bool> CheckAddressesAsync()
    {
        var said = (await Cli.Wrap(ServerBinaries.Find("mariadbd", "mariadb-server", [])).WithArguments("--version").ExecuteBufferedAsync()).StandardOutput;
        return Version.TryParse(Number().Match(said).Value, out var version) && version >= new Version(10, 11)
            ? true
            : throw new PlatformNotSupportedException($"Only MariaDB 10.11 and later listen at a list of addresses, and this is {said.Trim()}.");
    }

    [GeneratedRegex(@"\d+\.\d+")]
    private static partial Regex Number();

    private protected override IEnumerable<string> Command() =>
    [
        _mariadbd, "--no-defaults", $"--datadir={DataDirectory}", $"--port={Port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
        $"--tmpdir={Home["tmp"]}", $"--socket={Home["socket"]}", $"--pid-file={Home["server.pid"]}", $"--init-file={Home["init.sql"]}",
        "--innodb-buffer-pool-size=256M", "--max-connections=200", .. _options,
    ];

    private protected override string ConnectionStringOf(string database) => new MySqlConnectionStringBuilder
    {
        Server = "127.0.0.1",
        Port = (uint)Port,
        UserID = "tests",
        Password = _password,
        Database = database,
    }.ConnectionString;

    private protected override async Task CreateDatabaseAsync(string name)
    {
        await using MySqlConnection connection = new(ConnectionStringOf(""));
        await connection.OpenAsync();
        await using MySqlCommand command = new($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync();
    }

    private protected override async Task ConnectAsync()
    {
        await using MySqlConnection connection = new(ConnectionStringOf("") + ";Pooling=false");
        await connection.OpenAsync();
    }

    private async Task InitializeAsync(string install)
    {
        await File.WriteAllTextAsync(Home["init.sql"], $"""
            CREATE OR REPLACE USER 'tests'@'127.0.0.1' IDENTIFIED BY '{_password}';
            GRANT ALL ON *.* TO 'tests'@'127.0.0.1' WITH GRANT OPTION;
            DROP USER IF EXISTS 'root'@'localhost';

            """);
        // A directory of its own: a server that starts deletes what others keep in a shared one.
        await RunAsync("mkdir", Home["tmp"]);
        await RunAsync(install, "--no-defaults", $"--datadir={DataDirectory}", $"--tmpdir={Home["tmp"]}", "--skip-test-db", "--auth-root-authentication-method=normal");
    }
}
