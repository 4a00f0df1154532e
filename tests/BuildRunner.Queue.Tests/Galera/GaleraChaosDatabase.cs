using System.Data.Common;
using BuildRunner.Queue.Tests.Chaos;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>A database in a cluster of two nodes behind an address, which leads to one of them: a proxy with one writer.</summary>
[EnginePackage("BuildRunner.MySql")]
public sealed class GaleraChaosDatabase : ChaosDatabase
{
    private GaleraServer? _first;
    private GaleraServer? _second;
    private TcpForwarder? _address;

    public override string Engine => "mysql";

    public override async ValueTask InitializeAsync()
    {
        (_first, _second) = await TestServers.GetAsync(GaleraServer.StartAsync(firstWeight: 1, secondWeight: 2));
        _address = new(_first.Port);
        ConnectionString = new MySqlConnectionStringBuilder(await _first.CreateDatabaseAsync()) { Port = (uint)_address.Port }.ConnectionString;
    }

    public override async Task<DbConnection> ConnectAsync()
    {
        MySqlConnection connection = new(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>Cuts the first node off, which answers on, but no longer is of use; or kills the second one, without which the first one is of no use until somebody says so.</summary>
    public override async Task InterruptAsync(bool kills)
    {
        if (kills)
        {
            await _second!.KillAsync();
            _address!.MoveTo(_first!.Port);
            await Until.DoneAsync(async () => await _first.StatusAsync("wsrep_cluster_status") != "Primary");
            await _first.GoOnAloneAsync();
            await Until.DoneAsync(async () => await _first.StatusAsync("wsrep_ready") == "ON");
            await _second.RejoinAsync();
        }
        else
        {
            await _first!.IsolateAsync(true);
            await Until.DoneAsync(async () => await _second!.StatusAsync("wsrep_cluster_size") == "1");
            _address!.MoveTo(_second!.Port);
            await Until.DoneAsync(async () => await _second.StatusAsync("wsrep_ready") == "ON");
            await _first.IsolateAsync(false);
            await Until.DoneAsync(async () => await _first.StatusAsync("wsrep_local_state_comment") == "Synced");
        }
    }

    public override async ValueTask DisposeAsync()
    {
        if (_address is not null)
        {
            await _address.DisposeAsync();
        }

        if (_first is not null)
        {
            await _second!.DisposeAsync();
            await _first.DisposeAsync();
        }
    }
}
