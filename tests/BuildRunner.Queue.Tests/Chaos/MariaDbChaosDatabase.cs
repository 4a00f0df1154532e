using System.Data.Common;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Chaos;

[EnginePackage("BuildRunner.MySql")]
public sealed class MariaDbChaosDatabase : ServerChaosDatabase<MariaDbServer>
{
    public override string Engine => "mysql";

    public override async Task<DbConnection> ConnectAsync()
    {
        MySqlConnection connection = new(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    protected override Task<MariaDbServer> StartAsync() => MariaDbServer.StartAsync();
}
