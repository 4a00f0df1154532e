using System.Data.Common;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Queue.Tests.Chaos;

[EnginePackage("BuildRunner.PostgreSql")]
public sealed class PostgreSqlChaosDatabase : ServerChaosDatabase<PostgreSqlServer>
{
    public override string Engine => "postgresql";

    public override async Task<DbConnection> ConnectAsync()
    {
        NpgsqlConnection connection = new(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    protected override Task<PostgreSqlServer> StartAsync() => PostgreSqlServer.StartAsync();
}
