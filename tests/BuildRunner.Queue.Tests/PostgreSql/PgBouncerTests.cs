using BuildRunner.Servers;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>Rules Q12 and Q14 behind a PgBouncer that gives a connection of the server to whoever begins a transaction.</summary>
[Slow]
public sealed class PgBouncerTests : IAsyncLifetime
{
    private PostgreSqlServer _server = null!;
    private PgBouncer _pooler = null!;
    private string _direct = "";
    private string _pooled = "";

    public async ValueTask InitializeAsync()
    {
        _server = await TestServers.GetAsync(PostgreSqlServer.StartAsync());
        try
        {
            _direct = await _server.CreateDatabaseAsync();
            _pooler = await TestServers.GetAsync(PgBouncer.StartAsync(_direct, "default_pool_size = 2", "query_wait_timeout = 1", "server_login_retry = 1", "server_connect_timeout = 1"));
        }
        catch
        {
            await _server.DisposeAsync();
            throw;
        }

        _pooled = _pooler.Through(_direct) + ";No Reset On Close=true;Maximum Pool Size=8";
    }

    public async ValueTask DisposeAsync()
    {
        await _pooler.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task It_does_not_run_as_root() =>
        (await File.ReadAllLinesAsync($"/proc/{_pooler.ProcessId}/status")).Should().ContainSingle(static line => line.StartsWith("Uid:", StringComparison.Ordinal))
            .Which.Should().NotStartWith("Uid:\t0\t");

    [Fact]
    public async Task With_the_option_nothing_listens_and_nobody_is_notified()
    {
        await LogStatementsAsync();
        await using var provider = Create(_pooled, listens: false);
        var engine = provider.GetRequiredService<IQueueEngine>();
        await engine.StartAsync(CancellationToken.None);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("a");
        await using (NpgsqlConnection connection = new(_pooled))
        {
            await connection.OpenAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await provider.GetRequiredService<ITransactionalPublisher>().PublishAsync(transaction, [new OutgoingMessage(consumer.Topic, Consumer.MessageOf("b"))]);
            await transaction.CommitAsync();
        }

        (await consumer.DrainAsync()).Should().Equal("a", "b");
        var statements = await File.ReadAllTextAsync(_server.LogFile);
        statements.Should().Contain(": INSERT INTO queue_messages", "the server logs what it is asked");
        statements.Should().NotMatchRegex("(?im)^.*: (LISTEN|SELECT pg_notify|SELECT set_config\\('synchronous_commit').*$");
    }

    [Fact]
    public async Task What_finds_no_free_connection_of_the_server_is_tried_again()
    {
        await using var provider = Create(_pooled, listens: false);
        var engine = provider.GetRequiredService<IQueueEngine>();
        await engine.StartAsync(CancellationToken.None);
        await using var source = NpgsqlDataSource.Create(_pooled);
        await using var one = await BeginAsync(source);
        await using var two = await BeginAsync(source);

        // It is told that none was free a second later.
        var publish = new Consumer(engine).PublishAsync("a");
        await UntilLoggedAsync("query_wait_timeout");
        await one.DisposeAsync();
        await two.DisposeAsync();

        (await publish).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task A_start_waits_for_a_server_that_is_away_behind_it()
    {
        await _server.StopAsync();
        await using var provider = Create(_pooled, listens: false);

        var start = provider.GetRequiredService<IQueueEngine>().StartAsync(CancellationToken.None);
        await UntilLoggedAsync("connect failed");
        await _server.StartAgainAsync();

        await start;
    }

    private static ServiceProvider Create(string connectionString, bool listens)
    {
        ServiceCollection services = new();
        services.AddQueue().UsePostgreSql(options => (options.ConnectionString, options.Listen) = (connectionString, listens));
        return services.BuildServiceProvider();
    }

    private static async Task<NpgsqlConnection> BeginAsync(NpgsqlDataSource source)
    {
        var connection = await source.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand command = new("SELECT 1", connection, transaction);
        await command.ExecuteScalarAsync();
        return connection;
    }

    private async Task UntilLoggedAsync(string text)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (!(await File.ReadAllTextAsync(_pooler.LogFile)).Contains(text, StringComparison.Ordinal))
        {
            await Task.Delay(20, patience.Token);
        }
    }

    // In each session from its beginning.
    private async Task LogStatementsAsync()
    {
        await using var source = NpgsqlDataSource.Create(_direct + ";Pooling=false");
        await using var command = source.CreateCommand($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_direct).Database} SET log_statement = 'all'");
        await command.ExecuteNonQueryAsync();
    }
}
