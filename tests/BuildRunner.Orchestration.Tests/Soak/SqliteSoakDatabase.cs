using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace BuildRunner.Orchestration.Tests.Soak;

public sealed class SqliteSoakDatabase : SoakDatabase
{
    private readonly string _directory = Directory.CreateTempSubdirectory("soak-").FullName;

    public override string Engine => "sqlite";

    public override ValueTask InitializeAsync()
    {
        ConnectionString = $"Data Source={Path.Combine(_directory, "builds.db")};Pooling=False";
        return ValueTask.CompletedTask;
    }

    public override async Task CheckAsync()
    {
        await using var connection = await ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        (await command.ExecuteScalarAsync()).Should().Be("ok", "a killed process leaves the file whole");
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    protected override async Task<DbConnection> ConnectAsync()
    {
        SqliteConnection connection = new(ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout = 5000";
        await command.ExecuteNonQueryAsync();
        return connection;
    }
}
