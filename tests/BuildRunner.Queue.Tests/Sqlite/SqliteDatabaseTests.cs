using BuildRunner.Queue.Tests.Hosting;
using BuildRunner.Relational;
using BuildRunner.Sqlite;
using BuildRunner.Sqlite.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Queue.Tests.Sqlite;

public sealed class SqliteDatabaseTests : IAsyncLifetime
{
    private readonly SqliteFixture _fixture = new();
    private Consumer _consumer = null!;

    public async ValueTask InitializeAsync()
    {
        await _fixture.InitializeAsync();
        _consumer = new Consumer(await _fixture.OpenAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _consumer.Engine.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_publish_in_a_deferred_transaction_is_refused_where_the_file_has_changed_since_it_was_read(bool isLeftWithAnother)
    {
        await _consumer.PublishAsync("a");
        if (isLeftWithAnother)
        {
            await _consumer.PublishAsync("b");
        }

        // The driver tries for this long what can never be done.
        await using SqliteConnection connection = new(_fixture.ConnectionString + ";Default Timeout=1");
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction(deferred: true);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM queue_messages";
        await command.ExecuteScalarAsync();
        await _consumer.DoneAsync(await _consumer.ClaimOneAsync());

        var publish = () => ((RelationalQueueEngine)_consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(_consumer.Topic, Consumer.MessageOf("a"))], CancellationToken.None);

        (await publish.Should().ThrowAsync<SqliteException>()).Which.SqliteErrorCode.Should().Be(5);
    }

    [Fact]
    public async Task A_publish_in_a_deferred_transaction_that_has_read_nothing_older_is_stored()
    {
        await using SqliteConnection connection = new(_fixture.ConnectionString);
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction(deferred: true);

        await ((RelationalQueueEngine)_consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(_consumer.Topic, Consumer.MessageOf("a"))], CancellationToken.None);
        await transaction.CommitAsync();

        (await _consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task What_is_committed_is_on_the_disk_and_in_the_log()
    {
        await _consumer.PublishAsync("a");

        using SqliteFile file = new(_fixture.ConnectionString);
        using var connection = file.Open();
        Read(connection, "PRAGMA synchronous").Should().Be(2L, "that is FULL");
        Read(connection, "PRAGMA journal_mode").Should().Be("wal");
        (await _fixture.CountAsync("SELECT COUNT(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'")).Should().Be(1);
    }

    [Fact]
    public async Task Work_that_fails_fails_alone_and_nothing_of_it_is_left()
    {
        await using SqliteQueueDatabase database = new(_fixture.ConnectionString);
        var works = Enumerable.Range(0, 20).Select(i => database.RunAsync(
            async session =>
            {
                await new PublishTransaction(session).RunAsync(write: null, [new OutgoingMessage("t", Consumer.MessageOf($"{i}"))], CancellationToken.None);
                return i % 5 == 0 ? throw new FormatException() : i;
            },
            CancellationToken.None)).ToList();

        foreach (var (work, i) in works.Select((work, i) => (work, i)))
        {
            if (i % 5 == 0)
            {
                await new Func<Task>(() => work).Should().ThrowAsync<FormatException>();
            }
            else
            {
                (await work).Should().Be(i);
            }
        }

        (await _fixture.SizeAsync()).Messages.Should().Be(16);
    }

    [Fact]
    public async Task Work_that_waits_for_something_else_is_refused()
    {
        await using SqliteQueueDatabase database = new(_fixture.ConnectionString);
        TaskCompletionSource<int> never = new();

        var act = () => database.RunAsync(_ => never.Task, CancellationToken.None);

        await act.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_an_error_of_the_driver()
    {
        await using RelationalQueueEngine engine = new(new SqliteQueueDatabase("Data Source=/dev/null/queue.db"), TimeProvider.System);

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().ThrowAsync<SqliteException>();
    }

    [Fact]
    public async Task A_file_that_is_locked_for_too_long_is_an_error_of_the_driver_and_can_be_used_afterwards()
    {
        await using RelationalQueueEngine engine = new(new SqliteQueueDatabase(_fixture.ConnectionString, "(SELECT microseconds FROM queue_clock)", TimeSpan.FromMilliseconds(10)), TimeProvider.System);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("before", "before");
        await using var connection = await _fixture.ConnectAsync();
        var transaction = await connection.BeginTransactionAsync();

        Task[] publishes = [.. Enumerable.Range(0, 10).Select(i => consumer.PublishAsync("locked", $"{i}"))];

        foreach (var publish in publishes)
        {
            (await new Func<Task>(() => publish).Should().ThrowAsync<SqliteException>()).Which.SqliteErrorCode.Should().Be(5);
        }

        await transaction.DisposeAsync();
        await consumer.PublishAsync("after", "after");
        (await consumer.DrainAsync()).Should().BeEquivalentTo("before", "after");
    }

    [Fact]
    public async Task A_claim_reads_the_index_of_the_partitions_alone()
    {
        await using var connection = await _fixture.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN SELECT partition_key FROM queue_partitions WHERE topic = 'a' AND quarantined = 0 AND ready_at <= 1 ORDER BY ready_at LIMIT 10";
        await using var reader = await command.ExecuteReaderAsync();
        List<string> plan = [];
        while (await reader.ReadAsync())
        {
            plan.Add(reader.GetString(3));
        }

        plan.Should().ContainSingle().Which.Should().Contain("queue_partitions_ready");
    }

    [Theory]
    [InlineData("")]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=queue;Mode=Memory")]
    [InlineData("Data Source=file::memory:")]
    [InlineData("Data Source=file:queue?mode=memory")]
    [InlineData("Data Source=queue.db;Cache=Shared")]
    [InlineData("Data Source=file:queue.db?cache=shared")]
    [InlineData("Data Source=queue.db;Mode=ReadOnly")]
    [InlineData("Source Data=queue.db")]
    public void A_connection_string_that_cannot_hold_a_queue_is_found_at_the_start(string connectionString)
    {
        ServiceCollection services = new();
        services.AddQueue().UseSqlite(connectionString);
        using var provider = services.BuildServiceProvider();

        var validate = () => provider.GetRequiredService<IStartupValidator>().Validate();

        validate.Should().Throw<OptionsValidationException>();
    }

    [Fact]
    public async Task A_publisher_for_transactions_does_not_need_the_engine_to_be_the_one_that_others_get()
    {
        ServiceCollection services = new();
        services.AddQueue().UseSqlite(_fixture.ConnectionString);
        services.AddSingleton<IQueueEngine>(static provider => new WatchedEngine(provider.GetRequiredService<RelationalQueueEngine>(), static () => { }));
        await using var provider = services.BuildServiceProvider();
        await using var connection = await _fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        var results = await provider.GetRequiredService<ITransactionalPublisher>().PublishAsync(transaction, [new OutgoingMessage("t", Consumer.MessageOf("a"))]);

        results.Should().Equal(PublishResult.Stored);
    }

    [Fact]
    public async Task The_queue_is_registered_with_a_publisher_for_transactions()
    {
        ServiceCollection services = new();
        services.AddQueue().UseSqlite(_fixture.ConnectionString);
        await using var provider = services.BuildServiceProvider();
        await using var connection = await _fixture.ConnectAsync();
        await provider.GetRequiredService<IQueueEngine>().StartAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync();

        var results = await provider.GetRequiredService<ITransactionalPublisher>().PublishAsync(transaction, [new OutgoingMessage("t", Consumer.MessageOf("a"))]);

        results.Should().Equal(PublishResult.Stored);
    }

    private static object? Read(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
