using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using MySqlConnector;

namespace BuildRunner.Servers;

/// <summary>A node of a MariaDB Galera cluster on the loopback interface. A node that has died finds its place again, and gets what it has missed from another one.</summary>
public sealed partial class GaleraServer : DatabaseServer
{
    private const string Provider = "/usr/lib/galera/libgalera_smm.so";

    private readonly string _mariadbd;
    private readonly string _password;
    private readonly string _name;
    private readonly int _weight;
    private int _replicationPort;
    private int _transferPort;
    private int _copyPort;
    private GaleraServer? _peer;
    private string? _position;
    private bool _isFirst;

    private GaleraServer(ServerDirectory directory, string mariadbd, string password, string name, int weight)
        : base(directory)
    {
        (_mariadbd, _password, _name, _weight) = (mariadbd, password, name, weight);
    }

    private protected override int StopSignal => Posix.Terminate;

    /// <summary>Starts a cluster of two nodes.</summary>
    /// <param name="firstWeight">What the first node counts if the two lose each other.</param>
    /// <param name="secondWeight">What the second node counts. One without the greater half becomes unusable: it answers everything with error 1047.</param>
    /// <exception cref="ServerUnavailableException">MariaDB or Galera is not installed, or there is no account to run as.</exception>
    public static async Task<(GaleraServer First, GaleraServer Second)> StartAsync(int firstWeight = 1, int secondWeight = 1)
    {
        var mariadbd = ServerBinaries.Find("mariadbd", "mariadb-server", []);
        var install = ServerBinaries.Find("mariadb-install-db", "mariadb-server", []);
        if (!File.Exists(Provider))
        {
            throw new ServerUnavailableException($"There is no {Provider} on this machine. Install it: apt-get install galera-4.");
        }

        var password = RandomNumberGenerator.GetHexString(32);
        GaleraServer first = new(await ServerDirectory.CreateAsync("mysql"), mariadbd, password, "first", firstWeight);
        GaleraServer second = new(await ServerDirectory.CreateAsync("mysql"), mariadbd, password, "second", secondWeight);
        try
        {
            (first._peer, second._peer) = (second, first);
            await first.InitializeAsync(install);
            await second.CopyAsync(first);
            first._isFirst = true;
            await first.FirstStartAsync();
            first._isFirst = false;
            await second.FirstStartAsync();
            return (first, second);
        }
        catch
        {
            await second.DisposeAsync();
            await first.DisposeAsync();
            throw;
        }
    }

    /// <summary>Gets the connection string of a database that was created at the other node.</summary>
    public string ConnectionStringTo(string database) => ConnectionStringOf(database);

    /// <summary>Starts the node after it was stopped or killed. The other node must be usable.</summary>
    public async Task RejoinAsync()
    {
        // What the file of the state says is not so after a kill; the data know.
        await RunAsync(["sh", "-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1", "sh", Home["recovery"], .. Command(), "--wsrep-recover"]);
        _position = Position().Match(await File.ReadAllTextAsync(Home["recovery"])).Groups[1].Value;
        await StartAgainAsync();
    }

    /// <summary>Cuts the node from the other one, or ends that. Its clients stay connected.</summary>
    public Task IsolateAsync(bool isIsolated) => SetAsync($"gmcast.isolate={(isIsolated ? 1 : 0)}");

    /// <summary>Has the node go on alone, as an operator does who knows that the other one is dead.</summary>
    public Task GoOnAloneAsync() => SetAsync("pc.bootstrap=true");

    /// <summary>Gets a value of <c>SHOW GLOBAL STATUS</c>.</summary>
    public async Task<string> StatusAsync(string name)
    {
        await using MySqlConnection connection = new(ConnectionStringOf("") + ";Pooling=false");
        await connection.OpenAsync();
        await using MySqlCommand command = new($"SHOW GLOBAL STATUS LIKE '{name}'", connection);
        await using var reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? reader.GetString(1) : "";
    }

    private protected override IEnumerable<string> Command() =>
    [
        _mariadbd, "--no-defaults", $"--datadir={DataDirectory}", $"--port={Port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
        $"--tmpdir={Home["tmp"]}", $"--socket={Home["socket"]}", $"--pid-file={Home["server.pid"]}", "--innodb-buffer-pool-size=64M",
        "--max-connections=200", "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON", $"--wsrep-provider={Provider}",
        "--wsrep-cluster-name=tests", $"--wsrep-node-name={_name}", "--wsrep-node-address=127.0.0.1", "--wsrep-sst-method=rsync",
        $"--wsrep-sst-receive-address=127.0.0.1:{_copyPort}", $"--wsrep-provider-options={Options()}",
        .. _isFirst ? (string[])["--wsrep-cluster-address=gcomm://", "--wsrep-new-cluster"] : [$"--wsrep-cluster-address=gcomm://127.0.0.1:{_peer!._replicationPort}"],
        .. _position is { Length: > 0 } position ? (string[])[$"--wsrep-start-position={position}"] : [],
    ];

    private protected override string ConnectionStringOf(string database) => new MySqlConnectionStringBuilder
    {
        Server = "127.0.0.1",
        Port = (uint)Port,
        UserID = "tests",
        Password = _password,
        Database = database,
    }.ConnectionString;

    private protected override Task CreateDatabaseAsync(string name) => ExecuteAsync($"CREATE DATABASE {name}");

    // One that has not caught up refuses this.
    private protected override Task ConnectAsync() => ExecuteAsync("DO (SELECT COUNT(*) FROM mysql.db)");

    private protected override void ChoosePorts()
    {
        base.ChoosePorts();
        (_replicationPort, _transferPort, _copyPort) = (FreePort(), FreePort(), FreePort());
    }

    [GeneratedRegex("Recovered position: (.+)")]
    private static partial Regex Position();

    private string Options() => string.Join(
        ';',
        "base_host=127.0.0.1",
        $"base_port={_replicationPort}",
        $"gmcast.listen_addr=tcp://127.0.0.1:{_replicationPort}",
        $"ist.recv_addr=127.0.0.1:{_transferPort}",
        $"pc.weight={_weight}",
        "gcache.size=32M",
        // One that is dead is noticed in a second instead of five.
        "evs.keepalive_period=PT0.3S",
        "evs.suspect_timeout=PT1S",
        "evs.inactive_timeout=PT3S",
        "evs.install_timeout=PT3S");

    private Task SetAsync(string option) => ExecuteAsync($"SET GLOBAL wsrep_provider_options = '{option}'");

    private async Task ExecuteAsync(string text)
    {
        await using MySqlConnection connection = new(ConnectionStringOf("") + ";Pooling=false");
        await connection.OpenAsync();
        await using MySqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    private async Task InitializeAsync(string install)
    {
        await File.WriteAllTextAsync(Home["users.sql"], $"""
            FLUSH PRIVILEGES;
            CREATE OR REPLACE USER 'tests'@'127.0.0.1' IDENTIFIED BY '{_password}';
            GRANT ALL ON *.* TO 'tests'@'127.0.0.1' WITH GRANT OPTION;
            DROP USER IF EXISTS 'root'@'localhost';

            """);
        await RunAsync("mkdir", Home["tmp"]);
        await RunAsync(install, "--no-defaults", $"--datadir={DataDirectory}", $"--tmpdir={Home["tmp"]}", "--skip-test-db", "--auth-root-authentication-method=normal", $"--extra-file={Home["users.sql"]}");
        await WriteStateAsync(Guid.NewGuid(), isFirst: true);
    }

    /// <summary>Begins with the data of the other node, before it has started: then nothing needs to be transferred.</summary>
    private async Task CopyAsync(GaleraServer other)
    {
        await RunAsync("mkdir", Home["tmp"]);
        await RunAsync("cp", "-a", other.DataDirectory, DataDirectory);
        await RunAsync("sed", "-i", "s/safe_to_bootstrap: 1/safe_to_bootstrap: 0/", Path.Combine(DataDirectory, "grastate.dat"));
    }

    private Task WriteStateAsync(Guid cluster, bool isFirst) => RunAsync(
        "sh", "-c", "printf '# GALERA saved state\\nversion: 2.1\\nuuid:    %s\\nseqno:   0\\nsafe_to_bootstrap: %s\\n' \"$1\" \"$2\" > \"$3\"", "sh",
        cluster.ToString(), (isFirst ? 1 : 0).ToString(CultureInfo.InvariantCulture), Path.Combine(DataDirectory, "grastate.dat"));
}
