using System.Data.Common;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Orchestration.Tests.Soak;

public sealed class PostgreSqlSoakDatabase : SoakDatabase
{
    private PostgreSqlServer? _server;

    public override string Engine => "postgresql";

    public override async ValueTask InitializeAsync()
    {
        _server = await TestServers.GetAsync(PostgreSqlServer.StartAsync());
        ConnectionString = await _server.CreateDatabaseAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    protected override async Task<DbConnection> ConnectAsync()
    {
        NpgsqlConnection connection = new(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}
