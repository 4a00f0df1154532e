using System.Data.Common;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>A MariaDB server that four hosts reach over a network. Two of them are killed, one is cut off at times, and one is left alone.</summary>
public sealed class HostsSoakDatabase : SoakDatabase
{
    private MariaDbServer? _server;
    private NetworkHosts? _hosts;
    private string _local = "";

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
        _local = await _server.CreateDatabaseAsync();
        MySqlConnectionStringBuilder local = new(_local);
        await using MySqlConnection connection = new(_local);
        await connection.OpenAsync();
        await using MySqlCommand command = new($"CREATE USER 'hosts'@'{_hosts.Addresses}' IDENTIFIED BY 'secret'; GRANT ALL ON {local.Database}.* TO 'hosts'@'{_hosts.Addresses}'", connection);
        await command.ExecuteNonQueryAsync();
        ConnectionString = new MySqlConnectionStringBuilder { Server = _hosts.Address, Port = local.Port, UserID = "hosts", Password = "secret", Database = local.Database }.ConnectionString;
    }

    /// <summary>Has the server end the connections of a host, as it does when it finds them dead, and undo what they have begun.</summary>
    public async Task DisconnectAsync(int host, CancellationToken cancellationToken)
    {
        await using MySqlConnection connection = new(_local);
        await connection.OpenAsync(cancellationToken);
        List<long> ids = [];
        var connections = $"SELECT id FROM information_schema.processlist WHERE host LIKE '{_hosts!.AddressOf(host)}:%'";
        await using (MySqlCommand list = new(connections, connection))
        await using (var reader = await list.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetInt64(0));
            }
        }

        foreach (var id in ids)
        {
            try
            {
                await using MySqlCommand kill = new($"KILL CONNECTION {id}", connection);
                await kill.ExecuteNonQueryAsync(cancellationToken);
            }
            catch (MySqlException exception) when (exception.ErrorCode == MySqlErrorCode.NoSuchThread)
            {
                // It has ended by itself.
            }
        }
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
