using System.Data.Common;
using System.Diagnostics;
using System.Globalization;

namespace BuildRunner.Servers.Tests;

[Slow]
public abstract class DatabaseServerTests<T>
    where T : DatabaseServer
{
    protected abstract string Name { get; }

    protected abstract string Durability { get; }

    protected abstract string Durable { get; }

    [Fact]
    public async Task What_was_committed_is_there_after_a_stop_and_after_a_kill()
    {
        await using var server = await TestServers.GetAsync(StartAsync());
        var connectionString = await server.CreateDatabaseAsync();
        await using (var connection = await OpenAsync(connectionString))
        {
            await AskAsync(connection, "CREATE TABLE kept (number INT)");
            await AskAsync(connection, "INSERT INTO kept VALUES (1)");
        }

        await server.RestartAsync();
        await using (var connection = await OpenAsync(connectionString))
        {
            await AskAsync(connection, "INSERT INTO kept VALUES (2)");
        }

        await server.KillAsync();
        await server.StartAgainAsync();
        await using var last = await OpenAsync(connectionString);

        (await AskAsync(last, "SELECT SUM(number) FROM kept")).Should().Be(3L);
    }

    [Fact]
    public async Task Commits_are_flushed_to_the_disk()
    {
        await using var server = await TestServers.GetAsync(StartAsync());
        await using var connection = await OpenAsync(await server.CreateDatabaseAsync());

        (await AskAsync(connection, Durability)).Should().Be(Durable);
    }

    [Fact]
    public async Task Each_database_is_empty()
    {
        await using var server = await TestServers.GetAsync(StartAsync());
        await using (var connection = await OpenAsync(await server.CreateDatabaseAsync()))
        {
            await AskAsync(connection, "CREATE TABLE kept (number INT)");
        }

        await using var other = await OpenAsync(await server.CreateDatabaseAsync());
        var create = () => AskAsync(other, "CREATE TABLE kept (number INT)");

        await create.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Nothing_is_left_after_the_disposal()
    {
        var server = await TestServers.GetAsync(StartAsync());
        var process = server.ProcessId!.Value;

        await server.DisposeAsync();

        IsRunning(process).Should().BeFalse();
        Directory.Exists(Path.GetDirectoryName(server.DataDirectory)).Should().BeFalse();
    }

    [Fact]
    public async Task Nothing_is_left_after_a_kill_and_the_disposal()
    {
        var server = await TestServers.GetAsync(StartAsync());

        await server.KillAsync();
        await server.DisposeAsync();

        Directory.Exists(Path.GetDirectoryName(server.DataDirectory)).Should().BeFalse();
    }

    [Fact(Timeout = 600_000)]
    public async Task A_killed_process_takes_its_server_and_the_data_along()
    {
        await (await TestServers.GetAsync(StartAsync())).DisposeAsync();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(DatabaseServer).Assembly.Location, Name])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var server = int.Parse((await process.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
        var data = (await process.StandardOutput.ReadLineAsync())!;
        Directory.Exists(data).Should().BeTrue();

        process.Kill();
        while (Directory.Exists(data) || IsRunning(server))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    protected abstract Task<T> StartAsync();

    protected abstract DbConnection Connect(string connectionString);

    protected static async Task<object?> AskAsync(DbConnection connection, string text)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = text;
        return await command.ExecuteScalarAsync() is var value && value is decimal number ? (long)number : value;
    }

    protected async Task<DbConnection> OpenAsync(string connectionString)
    {
        var connection = Connect(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private static bool IsRunning(int process) => Directory.Exists($"/proc/{process}");
}
