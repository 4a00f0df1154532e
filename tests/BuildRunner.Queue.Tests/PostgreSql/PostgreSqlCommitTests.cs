using BuildRunner.PostgreSql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>On a server of its own, because commits are held up there.</summary>
[Slow]
public sealed class PostgreSqlCommitTests
{
    // A commit waits for the standby when it is on the disk already, and keeps its locks meanwhile.
    private const string HoldCommits = "ALTER SYSTEM SET synchronous_standby_names = 'nobody'";
    private const string ReleaseCommits = "ALTER SYSTEM RESET synchronous_standby_names";
    private const string Reload = "SELECT CASE WHEN pg_reload_conf() THEN 1 END";
    private const string OfHeld = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    private const string CountHeld = $"SELECT COUNT(*) {OfHeld}";
    private const string CountBehind = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";

    [Fact]
    public async Task Publishes_are_committed_together_although_each_tells_other_processes()
    {
        await using var server = await TestServers.GetAsync(PostgreSqlServer.StartAsync());
        var connectionString = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using RelationalQueueEngine engine = new(new PostgreSqlQueueDatabase(connectionString, TimeProvider.System), TimeProvider.System);
        await engine.StartAsync(CancellationToken.None);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("warm", "warm");
        await RunAsync(source, HoldCommits, Reload);
        await UntilAsync(source, "SELECT COUNT(*) FROM pg_settings WHERE name = 'synchronous_standby_names' AND setting = 'nobody'", 1);

        List<Task<PublishResult>> publishes = [];
        try
        {
            // Each in a transaction of its own, which those that arrive together would share.
            foreach (var key in (string[])["a", "b", "c"])
            {
                publishes.Add(consumer.PublishAsync(key, key));
                await UntilAsync(source, $"SELECT ({CountHeld}) + ({CountBehind})", publishes.Count);
            }

            (await CountAsync(source, CountBehind)).Should().Be(0, "no publish waits for another's commit");
            publishes.Should().OnlyContain(static publish => !publish.IsCompleted);
        }
        finally
        {
            await RunAsync(source, ReleaseCommits, Reload);
        }

        (await Task.WhenAll(publishes)).Should().AllBeEquivalentTo(PublishResult.Stored);
    }

    [Fact]
    public async Task A_commit_that_no_standby_has_is_not_acknowledged_when_the_wait_for_one_is_cut_short()
    {
        await using var server = await TestServers.GetAsync(PostgreSqlServer.StartAsync());
        var connectionString = await server.CreateDatabaseAsync();
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using RelationalQueueEngine engine = new(new PostgreSqlQueueDatabase(connectionString + ";Command Timeout=600;Options=-c client_min_messages=error", TimeProvider.System), TimeProvider.System);
        await engine.StartAsync(CancellationToken.None);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("warm", "warm");
        await RunAsync(source, HoldCommits, Reload);
        await UntilAsync(source, "SELECT COUNT(*) FROM pg_settings WHERE name = 'synchronous_standby_names' AND setting = 'nobody'", 1);
        var publish = () => consumer.PublishAsync("a", "a");

        var waiting = publish();
        try
        {
            await UntilAsync(source, CountHeld, 1);
            await RunAsync(source, $"SELECT CASE WHEN pg_cancel_backend(pid) THEN 1 END {OfHeld}");

            var end = () => waiting;
            await end.Should().ThrowAsync<NpgsqlException>("the server says that it is committed, but it is lost if this server is");
        }
        finally
        {
            await RunAsync(source, ReleaseCommits, Reload);
        }

        (await publish()).Should().Be(PublishResult.Duplicate);
    }

    private static async Task RunAsync(NpgsqlDataSource source, params string[] statements)
    {
        foreach (var statement in statements)
        {
            await using var command = source.CreateCommand(statement);
            await command.ExecuteNonQueryAsync();
        }
    }

    private static async Task UntilAsync(NpgsqlDataSource source, string count, long expected)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (await CountAsync(source, count) != expected)
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string count)
    {
        await using var command = source.CreateCommand(count);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
