using BuildRunner.MySql;
using BuildRunner.MySql.Sessions;
using BuildRunner.Relational;
using BuildRunner.Servers;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.MySql;

/// <summary>The settings of a server. The tests have a server of their own.</summary>
[Slow]
public sealed class MySqlSettingsTests(MySqlSettingsTests.Server server) : IClassFixture<MySqlSettingsTests.Server>, IAsyncLifetime
{
    private string _connectionString = "";

    public async ValueTask InitializeAsync()
    {
        _connectionString = await server.MariaDb.CreateDatabaseAsync();
        await ExecuteAsync("SET GLOBAL binlog_format = 'ROW', GLOBAL sql_safe_updates = OFF, GLOBAL wait_timeout = 600");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_server_that_logs_statements_is_refused_with_the_reason()
    {
        await ExecuteAsync("SET GLOBAL binlog_format = 'STATEMENT'");
        await using MySqlQueueDatabase database = new(_connectionString, TimeProvider.System);

        var start = () => database.MigrateAsync(CancellationToken.None);

        (await start.Should().ThrowAsync<InvalidOperationException>()).Which.Message.Should().Contain("binlog_format");
    }

    [Fact]
    public async Task A_server_that_refuses_updates_without_a_key_has_a_queue_like_any_other()
    {
        await ExecuteAsync("SET GLOBAL sql_safe_updates = ON");
        MySqlQueueDatabase database = new(_connectionString, TimeProvider.System);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);
        Consumer consumer = new(engine);
        RelationalBuildStore store = new(engine, database);
        await consumer.PublishAsync("done", "p");
        await consumer.PublishAsync("retried", "q");
        await consumer.PublishAsync("dead", "r");
        await consumer.PublishAsync("postponed", "s");
        await consumer.PublishAsync("done");

        var claims = (await consumer.ClaimAsync()).ToDictionary(Consumer.IdOf);

        (await consumer.DoneAsync(claims["done"])).Should().Be(LeaseResult.Applied);
        (await consumer.RetryAsync(claims["retried"])).Should().Be(LeaseResult.Applied);
        (await consumer.DeadLetterAsync(claims["dead"])).Should().Be(LeaseResult.Applied);
        (await consumer.RenewAsync(claims["postponed"])).Should().Be(LeaseResult.Applied);
        (await consumer.PostponeAsync(claims["postponed"], TimeSpan.FromHours(1))).Should().Be(LeaseResult.Applied);
        (await engine.RedriveAsync(consumer.Topic, [new MessageKey { PartitionKey = "r", Id = "dead" }], CancellationToken.None)).Should().Be(1);
        (await store.DeleteEndedAsync(TimeSpan.Zero, 10, CancellationToken.None)).Should().Be(0);
        await using MySqlConnection connection = new(_connectionString);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var published = await engine.PublishAsync(transaction, [new OutgoingMessage(consumer.Topic, Consumer.MessageOf("postponed", "s")), new OutgoingMessage(consumer.Topic, Consumer.MessageOf("new", "t"))], CancellationToken.None);
        await transaction.CommitAsync();
        published.Should().Equal(PublishResult.Duplicate, PublishResult.Stored);
        (await consumer.DrainAsync()).Should().BeEquivalentTo("retried", "dead", "postponed", "new");
    }

    [Fact]
    public async Task Connections_that_the_server_has_ended_because_nobody_used_them_are_not_used()
    {
        MySqlQueueDatabase database = new(_connectionString, TimeProvider.System);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);
        Consumer consumer = new(engine);
        await ExecuteAsync("SET GLOBAL wait_timeout = 1");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => consumer.PublishAsync($"{i}", $"{i}")));
        await using MySqlConnection other = new(_connectionString + ";Pooling=false");
        await other.OpenAsync();
        await using MySqlCommand count = new($"SELECT COUNT(*) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()", other);
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(5));
        while (Convert.ToInt64(await count.ExecuteScalarAsync(patience.Token), System.Globalization.CultureInfo.InvariantCulture) > 0)
        {
        }

        (await Task.WhenAll(Enumerable.Range(8, 8).Select(i => consumer.PublishAsync($"{i}", $"{i}")))).Should().AllBeEquivalentTo(PublishResult.Stored);
    }

    [Fact]
    public async Task A_server_that_does_not_skip_locked_rows_is_refused_whatever_it_says_of_its_version()
    {
        // The row is not locked, as with a server that takes SKIP LOCKED and locks nothing.
        await using MySqlQueueDatabase database = new(_connectionString, TimeProvider.System) { ProbeLock = "" };

        var start = () => database.MigrateAsync(CancellationToken.None);

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Several_processes_can_start_at_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            await using RelationalQueueEngine engine = new(new MySqlQueueDatabase(_connectionString + ";Maximum Pool Size=1", TimeProvider.System), TimeProvider.System);
            await engine.StartAsync(CancellationToken.None);
        }));
    }

    [Fact]
    public async Task A_server_of_a_kind_that_was_not_tried_is_used_with_a_warning_that_says_what_it_is()
    {
        await using var fork = await TestServers.GetAsync(MariaDbServer.StartAsync("--version=8.4.3-fork"));
        RecordingLogger log = new();
        await using RelationalQueueEngine engine = new(new MySqlQueueDatabase(await fork.CreateDatabaseAsync(), TimeProvider.System, MySqlQueueBatch.DefaultClock, log), TimeProvider.System);

        (await new Consumer(engine).PublishAsync("a")).Should().Be(PublishResult.Stored);

        log.Warnings.Should().ContainSingle().Which.Should().Contain("8.4.3-fork");
    }

    [Fact]
    public async Task A_server_that_was_tried_is_used_without_one()
    {
        RecordingLogger log = new();
        await using MySqlQueueDatabase database = new(_connectionString, TimeProvider.System, MySqlQueueBatch.DefaultClock, log);

        await database.MigrateAsync(CancellationToken.None);

        log.Warnings.Should().BeEmpty();
    }

    private async Task ExecuteAsync(string text)
    {
        await using MySqlConnection connection = new(_connectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using MySqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    public sealed class Server : IAsyncLifetime
    {
        public MariaDbServer MariaDb { get; private set; } = null!;

        public async ValueTask InitializeAsync() => MariaDb = await TestServers.GetAsync(MariaDbServer.StartAsync("--log-bin", "--binlog-format=ROW"));

        public ValueTask DisposeAsync() => MariaDb.DisposeAsync();
    }

    private sealed class RecordingLogger : ILogger
    {
        public List<string> Warnings { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                Warnings.Add(formatter(state, exception));
            }
        }
    }
}
