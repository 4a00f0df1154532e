using BuildRunner.PostgreSql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>Rule Q12: an address that leads to a standby for a time, and to a new primary. One of the two servers replicates the other.</summary>
[Slow]
public sealed class PostgreSqlFailoverTests : IAsyncLifetime
{
    private const string OfListener = "SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' OR query LIKE 'SELECT current_setting(''transaction_read_only'')%'";

    private PostgreSqlServer _first = null!;
    private PostgreSqlServer _second = null!;
    private TcpForwarder _address = null!;
    private string _connectionString = "";
    private PostgreSqlQueueDatabase _database = null!;
    private RelationalQueueEngine _engine = null!;
    private Consumer _consumer = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await TestServers.GetAsync(PostgreSqlServer.StartAsync());
        _connectionString = await _first.CreateDatabaseAsync();
        _second = await _first.StartStandbyAsync();
        _address = new(_first.Port);
        _database = new PostgreSqlQueueDatabase(At(_address.Port), TimeProvider.System);
        _engine = new RelationalQueueEngine(_database, TimeProvider.System);
        await _engine.StartAsync(CancellationToken.None);
        _consumer = new(_engine);
        await _consumer.PublishAsync("before", "before");
        await UntilAsync(_second, "SELECT COUNT(*) FROM queue_messages", 1);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _address.DisposeAsync();
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task All_goes_on_once_the_address_leads_from_a_standby_back_to_the_primary()
    {
        RelationalBuildStore store = new(_engine, _database);
        _address.MoveTo(_second.Port);
        _address.Reset();
        var publish = () => _consumer.PublishAsync("a", "a");
        var claim = () => _consumer.ClaimAsync();
        var read = () => store.ReadAsync("key", CancellationToken.None);
        await publish.Should().ThrowAsync<NpgsqlException>();
        await claim.Should().ThrowAsync<NpgsqlException>();
        await read.Should().ThrowAsync<ReadOnlyServerException>("what a standby knows may be old");

        _address.MoveTo(_first.Port);

        (await publish()).Should().Be(PublishResult.Stored);
        (await claim()).Should().HaveCount(2);
        (await read()).Build.Should().BeNull();
        await UntilAsync(_first, OfListener, 1);
    }

    [Fact]
    public async Task What_is_done_first_after_a_failover_is_done_at_the_new_primary_although_the_connections_to_the_old_one_still_work()
    {
        await _second.PromoteAsync();
        await ExecuteAsync(_first, "ALTER SYSTEM SET default_transaction_read_only = on");
        await ExecuteAsync(_first, "SELECT pg_reload_conf()");
        await UntilReadOnlyAsync();
        _address.MoveTo(_second.Port);

        (await _consumer.PublishAsync("a", "a")).Should().Be(PublishResult.Stored);

        (await _consumer.ClaimAsync()).Should().HaveCount(2);
        (await CountAsync(_second, "SELECT COUNT(*) FROM queue_messages")).Should().Be(2);
        await UntilAsync(_second, OfListener, 1);
    }

    [Fact]
    public async Task What_is_read_after_a_failover_is_read_from_the_new_primary_although_the_old_one_still_answers()
    {
        RelationalBuildStore store = new(_engine, _database);
        await store.ReadAsync("key", CancellationToken.None);
        await _second.PromoteAsync();
        await ExecuteAsync(_first, "ALTER SYSTEM SET default_transaction_read_only = on");
        await ExecuteAsync(_first, "SELECT pg_reload_conf()");
        await UntilReadOnlyAsync();
        _address.MoveTo(_second.Port);

        // Each connection learns of the setting by itself.
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (await CountAsync(_second, "SELECT COUNT(*) FROM pg_stat_activity WHERE query LIKE '%clock_timestamp()%' AND pid <> pg_backend_pid()") == 0)
        {
            (await store.ReadAsync("key", patience.Token)).Build.Should().BeNull();
        }

        await UntilAsync(_second, OfListener, 1);
    }

    private string At(int port) => new NpgsqlConnectionStringBuilder(_connectionString) { Port = port, MaxPoolSize = 8 }.ConnectionString;

    // The connections of the pool learn of it each by itself.
    private Task UntilReadOnlyAsync() =>
        UntilAsync(_first, "SELECT COUNT(*) FROM pg_settings WHERE name = 'default_transaction_read_only' AND setting = 'on'", 1);

    private async Task UntilAsync(PostgreSqlServer server, string count, long expected)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (await CountAsync(server, count) != expected)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    private async Task<long> CountAsync(PostgreSqlServer server, string count)
    {
        try
        {
            await using var source = NpgsqlDataSource.Create(At(server.Port) + ";Pooling=false");
            await using var command = source.CreateCommand(count);
            return (long)(await command.ExecuteScalarAsync())!;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UndefinedTable || exception.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            // Not replicated yet.
            return -1;
        }
    }

    private async Task ExecuteAsync(PostgreSqlServer server, string text)
    {
        await using var source = NpgsqlDataSource.Create(At(server.Port) + ";Pooling=false");
        await using var command = source.CreateCommand(text);
        await command.ExecuteNonQueryAsync();
    }
}
