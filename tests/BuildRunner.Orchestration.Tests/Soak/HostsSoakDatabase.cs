using System.Data.Common;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>A MariaDB server that four hosts reach over a network. Two of them are killed, one is cut off at times, and one is left alone.</summary>
public sealed class HostsSoakDatabase : SoakDatabase
{
    private MariaDbServer? _server;
    private NetworkHosts? _hosts;

    public override string Engine => "mysql";

    public override NetworkHosts? Hosts => _hosts;

    public override async ValueTask InitializeAsync()
    {
        try
        {
            await TestServers.GetAsync(MariaDbServer.CheckAddressesAsync());
            _hosts = await TestServers.GetAsync(NetworkHosts.CreateAsync(SoakRun.Processes + 2));
        }
        catch (PlatformNotSupportedException exception)
        {
            // Also on a build server, which may be a container that nobody can help.
            await Console.Error.WriteLineAsync($"NOT TESTED: builds on several hosts. {exception.Message}");
            Assert.Skip(exception.Message);
        }

        _server = await TestServers.GetAsync(MariaDbServer.StartAsync($"--bind-address=127.0.0.1,{_hosts.Address}"));
        MySqlConnectionStringBuilder local = new(await _server.CreateDatabaseAsync());
        await using MySqlConnection connection = new(local.ConnectionString);
        await connection.OpenAsync();
        await using MySqlCommand command = new($"CREATE USER 'hosts'@'{_hosts.Addresses}' IDENTIFIED BY 'secret'; GRANT ALL ON {local.Database}.* TO 'hosts'@'{_hosts.Addresses}'", connection);
        await command.ExecuteNonQueryAsync();
        ConnectionString = new MySqlConnectionStringBuilder { Server = _hosts.Address, Port = local.Port, UserID = "hosts", Password = "secret", Database = local.Database }.ConnectionString;
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (_hosts is not null)
        {
            await _hosts.DisposeAsync();
        }
    }

    protected override async Task<DbConnection> ConnectAsync()
    {
        MySqlConnection connection = new(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
