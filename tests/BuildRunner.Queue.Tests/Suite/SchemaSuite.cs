namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q13.</summary>
public abstract class SchemaSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : SqlFixture, new()
{
    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await Consumer.PublishAsync("a");
        var other = await OpenConsumerAsync();

        (await other.ClaimIdsAsync()).Should().Equal("a");
        (await Fixture.CountAsync("SELECT COUNT(*) FROM queue_schema")).Should().Be(1);
    }

    [Fact]
    public async Task Processes_that_start_at_the_same_time_migrate_once()
    {
        await Fixture.ExecuteAsync("DROP TABLE queue_schema; DROP TABLE queue_messages; DROP TABLE queue_partitions;");

        var engines = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(OpenAsync)));

        (await new Consumer(engines[0]).PublishAsync("a")).Should().Be(PublishResult.Stored);
        (await new Consumer(engines[5]).ClaimIdsAsync()).Should().Equal("a");
        (await Fixture.CountAsync("SELECT COUNT(*) FROM queue_schema")).Should().Be(1);
    }

    [Fact]
    public async Task A_newer_schema_that_only_adds_is_served()
    {
        await Fixture.ExecuteAsync("UPDATE queue_schema SET version = version + 7");

        (await (await OpenConsumerAsync()).PublishAsync("a")).Should().Be(PublishResult.Stored);
        (await Fixture.CountAsync("SELECT version FROM queue_schema")).Should().BeGreaterThan(7);
    }

    [Fact]
    public async Task A_schema_that_is_too_new_is_refused_at_the_start()
    {
        await Fixture.ExecuteAsync("UPDATE queue_schema SET version = version + 7, oldest = version + 7");
        await using var engine = Fixture.OpenUnstarted();

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task An_engine_that_was_not_started_starts_with_its_first_work()
    {
        await using var engine = Fixture.OpenUnstarted();

        (await new Consumer(engine).PublishAsync("a")).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task A_publish_in_a_transaction_does_not_need_an_engine_that_was_started_where_the_tables_are_there()
    {
        await using var engine = Fixture.OpenUnstarted();
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await engine.PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("a"))], CancellationToken.None);
        await transaction.CommitAsync();

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_publish_in_a_transaction_says_where_the_tables_are_missing_and_leaves_the_transaction_as_it_is()
    {
        await Fixture.ExecuteAsync("DROP TABLE queue_schema; DROP TABLE queue_messages; DROP TABLE queue_partitions; CREATE TABLE sales (id INTEGER NOT NULL)");
        await using var engine = Fixture.OpenUnstarted();
        await using (var connection = await Fixture.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "INSERT INTO sales (id) VALUES (1)";
            await command.ExecuteNonQueryAsync();

            var publish = () => engine.PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("a"))], CancellationToken.None);

            await publish.Should().ThrowAsync<InvalidOperationException>();
            await transaction.CommitAsync();
        }

        (await Fixture.CountAsync("SELECT COUNT(*) FROM sales")).Should().Be(1);
    }

    [Fact]
    public async Task A_row_without_a_time_is_visible_at_once()
    {
        await Fixture.ExecuteAsync("INSERT INTO queue_messages (topic, partition_key, id, payload) VALUES ('orders', 'p', 'a', ''); INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('orders', 'p', 0);");

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_partition_that_says_too_early_a_time_is_corrected_by_the_claim()
    {
        await Consumer.PublishAsync("a", delay: Minute);
        await Fixture.ExecuteAsync("UPDATE queue_partitions SET ready_at = 0");

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        (await Consumer.RunRoundAsync(10)).NextDueIn.Should().Be(Minute);
    }

    [Fact]
    public async Task A_partition_that_has_no_message_is_removed_by_the_claim()
    {
        await Fixture.ExecuteAsync("INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('orders', 'p', 0)");

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }
}
