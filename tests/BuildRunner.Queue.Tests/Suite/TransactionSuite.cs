using System.Data.Common;
using System.Transactions;
using BuildRunner.Queue.Tests.Relational;
using BuildRunner.Relational;
using IsolationLevel = System.Data.IsolationLevel;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Tests for engines in a database: publishing in a caller's transaction, and other processes.</summary>
public abstract class TransactionSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : SqlFixture, new()
{
    private RelationalQueueEngine Engine => (RelationalQueueEngine)Consumer.Engine;

    [Fact]
    public async Task A_message_in_a_transaction_that_is_committed_is_delivered()
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var results = await PublishAsync(transaction, "a");
        await transaction.CommitAsync();

        results.Should().Equal(PublishResult.Stored);
        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_message_in_a_transaction_that_is_rolled_back_is_not()
    {
        await using (var connection = await Fixture.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await PublishAsync(transaction, "a");
            await transaction.RollbackAsync();
        }

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_message_is_stored_together_with_what_else_is_in_the_transaction()
    {
        await Fixture.ExecuteAsync("CREATE TABLE sales (id INTEGER NOT NULL)");
        foreach (var commits in new[] { true, false })
        {
            await using var connection = await Fixture.ConnectAsync();
            await using var transaction = await connection.BeginTransactionAsync();
            await ExecuteAsync(transaction, "INSERT INTO sales (id) VALUES (1)");
            await PublishAsync(transaction, commits ? "committed" : "rolled back");
            await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());
        }

        (await Fixture.CountAsync("SELECT COUNT(*) FROM sales")).Should().Be(1);
        (await Consumer.ClaimIdsAsync()).Should().Equal("committed");
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task A_publish_in_a_transaction_while_the_message_is_handled_is_not_lost(IsolationLevel isolation)
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await using (var connection = await Fixture.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync(isolation);
            await ExecuteAsync(transaction, "SELECT COUNT(*) FROM queue_messages");
            await PublishAsync(transaction, "a");
            await transaction.CommitAsync();
        }

        (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Applied);
        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_message_that_is_published_twice_in_one_transaction_is_a_duplicate_the_second_time()
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "a");

        (await PublishAsync(transaction, "a")).Should().Equal(PublishResult.Duplicate);
        await transaction.CommitAsync();
        (await Consumer.ClaimAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_publish_outside_of_a_transaction_does_not_take_part_in_a_scope_around_it()
    {
        using (TransactionScope scope = new(TransactionScopeAsyncFlowOption.Enabled))
        {
            await Consumer.PublishAsync("a");
            await (await OpenConsumerAsync()).PublishAsync("b");
        }

        (await Consumer.DrainAsync()).Should().Equal("a", "b");
    }

    [Fact]
    public async Task A_transaction_of_another_driver_is_refused()
    {
        var act = () => Engine.PublishAsync(Substitute.For<DbTransaction>(), [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("a"))], CancellationToken.None);

        await act.Should().ThrowAsync<ArgumentException>();
    }

    [Fact]
    public async Task Hostile_input_is_refused_or_stored_as_it_is_in_a_transaction_too()
    {
        TransactionalPublisher publisher = new(Engine, new QueueOptions { MaxPayloadBytes = 1 });
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        var act = () => publisher.PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, new Message { PartitionKey = "p", Id = "a", Payload = new byte[2] })]);

        await act.Should().ThrowAsync<ArgumentException>();
        await publisher.PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, new Message { PartitionKey = "p", Id = "'); DELETE FROM queue_messages; --" })]);
        await transaction.CommitAsync();
        (await Consumer.ClaimIdsAsync()).Should().Equal("'); DELETE FROM queue_messages; --");
    }

    [Fact]
    public async Task A_publish_by_another_process_wakes_those_who_wait_where_they_hear_it_and_is_found_by_the_next_look()
    {
        var other = await OpenConsumerAsync();
        await Consumer.ClaimAsync();
        TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = Consumer.Engine.Subscribe(Consumer.Topic, _ => woken.TrySetResult());

        await other.PublishAsync("a");

        await (Fixture.HearsOthers ? woken.Task.WaitAsync(Minute) : Task.CompletedTask);
        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_publish_in_a_transaction_wakes_those_who_wait_where_they_hear_it_and_is_found_by_the_next_look()
    {
        await Consumer.ClaimAsync();
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "a");
        TaskCompletionSource woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = Consumer.Engine.Subscribe(Consumer.Topic, _ => woken.TrySetResult());

        await transaction.CommitAsync();

        await (Fixture.HearsOthers ? woken.Task.WaitAsync(Minute) : Task.CompletedTask);
        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task Messages_outlive_the_process()
    {
        await Consumer.PublishAsync("a", delay: Minute);
        await Consumer.PublishAsync("held", "q");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);
        await Consumer.Engine.DisposeAsync();

        var next = await OpenConsumerAsync();

        (await next.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Minute);
        (await next.ClaimIdsAsync()).Should().BeEquivalentTo("a", "held");
    }

    [Theory]
    [InlineData(Loss.BeforeTheWrite)]
    [InlineData(Loss.AfterTheWrite)]
    [InlineData(Loss.AfterTheCommit)]
    public async Task An_exchange_whose_answer_is_lost_is_done_once(Loss loss)
    {
        await using LosingDatabase database = new(Fixture.OpenDatabase());
        Consumer consumer = new(new QueueEngine(database, TimeProvider.System));
        await consumer.PublishAsync("settled", "p");
        var settled = await consumer.ClaimOneAsync();
        await consumer.PublishAllAsync([Consumer.MessageOf("first", "q"), Consumer.MessageOf("second", "r")]);
        database.LoseNext(loss);

        var result = await consumer.RunRoundAsync(10, takesQuarantined: true, [new(settled.Lease, Outcome.Done)]);

        database.Losses.Should().Be(1);
        result.Settlements.Should().Equal(LeaseResult.Applied);
        result.Claims.Select(Consumer.IdOf).Should().Equal("first", "second");
        var done = await consumer.RunRoundAsync(settlements: [.. result.Claims.Select(static claim => new Settlement(claim.Lease, Outcome.Done))]);
        done.Settlements.Should().Equal(LeaseResult.Applied, LeaseResult.Applied);
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_closed_engine_refuses_to_publish()
    {
        var other = await OpenConsumerAsync();
        await other.Engine.DisposeAsync();

        var act = () => other.PublishAsync("a");

        await act.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task Two_consumers_share_the_work_and_no_message_is_handled_twice()
    {
        const int Count = 300;
        await Consumer.Engine.PublishAsync([.. Enumerable.Range(0, Count).Select(i => new OutgoingMessage(Consumer.Topic, Consumer.MessageOf($"{i}", $"{i % 50}")))], CancellationToken.None);
        var other = await OpenConsumerAsync();

        var ids = await Task.WhenAll(Task.Run(() => DrainAllAsync(Consumer)), Task.Run(() => DrainAllAsync(other)));

        ids.SelectMany(each => each).Should().HaveCount(Count).And.OnlyHaveUniqueItems();
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task Publishes_and_settles_that_race_in_one_partition_never_leave_it_without_a_wake()
    {
        const int Rounds = 200;
        await Consumer.PublishAsync("a");
        var other = await OpenConsumerAsync();
        for (var i = 0; i < Rounds; i++)
        {
            var claim = await Consumer.ClaimOneAsync();
            var publish = Task.Run(() => other.PublishAsync("a"));
            var settle = Task.Run(() => SettleSoonAsync(claim));
            await Task.WhenAll(publish, settle);
        }

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    private static async Task ExecuteAsync(DbTransaction transaction, string sql)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private async Task SettleSoonAsync(Claim claim)
    {
        while (await Consumer.DoneAsync(claim) == LeaseResult.Busy)
        {
        }
    }

    private async Task<List<string>> DrainAllAsync(Consumer consumer)
    {
        List<string> ids = [];
        List<Settlement> settlements = [];
        while (settlements.Count > 0 || (await Fixture.SizeAsync()).Messages > 0)
        {
            var result = await consumer.RunRoundAsync(7, takesQuarantined: true, settlements);
            settlements = [.. settlements.Where((_, i) => result.Settlements[i] == LeaseResult.Busy), .. result.Claims.Select(claim => new Settlement(claim.Lease, Outcome.Done))];
            ids.AddRange(result.Claims.Select(Consumer.IdOf));
        }

        return ids;
    }

    private Task<IReadOnlyList<PublishResult>> PublishAsync(DbTransaction transaction, string id) =>
        Engine.PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf(id))], CancellationToken.None);
}
