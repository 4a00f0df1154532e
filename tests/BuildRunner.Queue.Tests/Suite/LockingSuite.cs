using System.Data;
using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>The effect of a caller's open transaction on others, on databases that lock rows.</summary>
public abstract class LockingSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : RowLockingFixture, new()
{
    [Fact]
    public async Task A_transaction_that_is_held_open_delays_its_own_partition_alone()
    {
        await Consumer.PublishAsync("locked", "p");
        await Consumer.PublishAsync("free", "q");
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "late", "p");

        var result = await Consumer.RunRoundAsync(10, takesQuarantined: true);

        result.Claims.Select(Consumer.IdOf).Should().Equal("free");
        result.IsMore.Should().BeTrue("what is locked is due");
        await transaction.CommitAsync();
        (await Consumer.DrainAsync()).Should().Equal("locked", "late");
    }

    [Fact]
    public async Task A_transaction_that_is_held_open_for_a_minute_lets_others_be_delivered_and_renewed()
    {
        await Consumer.PublishAsync("long", "q");
        var held = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("locked", "p");
        await using var connection = await Fixture.ConnectAsync();

        // In REPEATABLE READ, MariaDB also locks the place where the message was looked for, and with it neighbours in the index: the package says so.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted);
        await PublishAsync(transaction, "late", "p");

        for (var i = 0; i < 60; i++)
        {
            await AdvanceAsync(Second);
            await Consumer.PublishAsync("fresh", $"fresh-{i}");
            (await Consumer.RenewAsync(held)).Should().Be(LeaseResult.Applied);
            (await Consumer.DrainAsync()).Should().Equal("fresh");
        }

        await transaction.CommitAsync();
        (await Consumer.DoneAsync(held)).Should().Be(LeaseResult.Applied);
        (await Consumer.DrainAsync()).Should().Equal("locked", "late");
    }

    [Fact]
    public async Task A_settle_and_a_renewal_do_not_wait_for_what_is_locked()
    {
        await Consumer.PublishAsync("a", "p");
        await Consumer.PublishAsync("b", "q");
        var claims = (await Consumer.ClaimAsync()).ToDictionary(Consumer.IdOf);
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "c", "p");

        var result = await Consumer.RunRoundAsync(settlements: [new(claims["a"].Lease, Outcome.Done), new(claims["b"].Lease, Outcome.Done)]);

        result.Settlements.Should().Equal(LeaseResult.Busy, LeaseResult.Applied);
        (await Consumer.RenewAsync(claims["a"])).Should().Be(LeaseResult.Busy);
        (await Consumer.RenewAsync(claims["b"])).Should().Be(LeaseResult.Stale);
        await transaction.CommitAsync();
        (await Consumer.DoneAsync(claims["a"])).Should().Be(LeaseResult.Applied);
    }

    [Fact]
    public async Task A_stale_lease_of_a_locked_partition_is_not_taken_for_busy()
    {
        await Consumer.PublishAsync("a", "p");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PostponeAsync(claim, TimeSpan.Zero);
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "b", "p");

        (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Stale);
    }

    [Fact]
    public async Task An_expired_lease_does_not_wait_for_what_is_locked()
    {
        await Consumer.PublishAsync("a", "p");
        await Consumer.PublishAsync("b", "q");
        await Consumer.ClaimAsync();
        await LetLeasesEndAsync();
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "c", "p");

        await Consumer.ClaimAsync();
        await AdvanceAsync(Consumer.Policy.MaxDelay);

        (await Consumer.ClaimIdsAsync()).Should().Equal("b");
    }

    [Fact]
    public async Task A_dead_letter_does_not_wait_for_a_locked_partition_of_its_topic()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ((RelationalQueueEngine)Consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(Topic.DeadLettersOf(Consumer.Topic), Consumer.MessageOf("b"))], CancellationToken.None);

        (await Consumer.DeadLetterAsync(claim)).Should().Be(LeaseResult.Busy);
        await transaction.RollbackAsync();
        (await Consumer.DeadLetterAsync(claim)).Should().Be(LeaseResult.Applied);
    }

    [Fact]
    public async Task What_is_behind_an_expired_lease_that_cannot_become_a_dead_letter_yet_is_said_to_be_due()
    {
        Consumer strict = new(Consumer.Engine) { Policy = new RetryPolicy(1, TimeSpan.Zero, Minute) };
        await strict.PublishAsync("a");
        await strict.ClaimOneAsync();
        await LetLeasesEndAsync();
        (await strict.ClaimOneAsync()).IsQuarantined.Should().BeTrue();
        await strict.PublishAsync("b");
        await LetLeasesEndAsync();
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ((RelationalQueueEngine)Consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(Topic.DeadLettersOf(Consumer.Topic), Consumer.MessageOf("c"))], CancellationToken.None);

        var result = await strict.RunRoundAsync(10);

        result.Claims.Should().BeEmpty();
        result.IsMore.Should().BeTrue();
        await transaction.RollbackAsync();
        (await strict.RunRoundAsync(10)).Claims.Select(Consumer.IdOf).Should().Equal("b");
    }

    [Fact]
    public async Task A_commit_that_lands_late_with_a_lower_sequence_is_not_lost()
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "first", "p");
        await Consumer.PublishAsync("second", "q");
        await Consumer.DoneAsync(await Consumer.ClaimOneAsync());
        await transaction.CommitAsync();

        (await Consumer.ClaimIdsAsync()).Should().Equal("first");
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task A_publish_in_a_transaction_of_a_message_that_was_settled_since_it_began_is_stored(IsolationLevel isolation)
    {
        await Consumer.PublishAsync("a");
        await using (var connection = await Fixture.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync(isolation);
            await ReadAsync(transaction);
            await Consumer.DrainAsync();

            (await PublishAsync(transaction, "a", "p")).Should().Equal(PublishResult.Stored);
            await transaction.CommitAsync();
        }

        (await Consumer.DrainAsync()).Should().Equal("a");
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task A_publish_in_a_transaction_is_refused_or_delivered_where_its_partition_has_changed_since_it_began(IsolationLevel isolation)
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        var isRefused = false;
        await using (var connection = await Fixture.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync(isolation);
            await ReadAsync(transaction);
            await Consumer.DoneAsync(await Consumer.ClaimOneAsync());
            try
            {
                await PublishAsync(transaction, "a", "p");
                await transaction.CommitAsync();
            }
            catch (DbException) when (isolation != IsolationLevel.ReadCommitted)
            {
                isRefused = true;
            }
        }

        string[] expected = isRefused ? ["b"] : ["b", "a"];
        (await Consumer.DrainAsync()).Should().Equal(expected);
    }

    [Theory]
    [InlineData(IsolationLevel.ReadCommitted)]
    [InlineData(IsolationLevel.RepeatableRead)]
    [InlineData(IsolationLevel.Serializable)]
    public async Task A_second_publish_in_a_transaction_does_not_go_by_messages_that_were_settled_since_it_began(IsolationLevel isolation)
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        string[] expected = ["a", "b"];
        await using (var connection = await Fixture.ConnectAsync())
        {
            await using var transaction = await connection.BeginTransactionAsync(isolation);
            await ReadAsync(transaction);
            await Consumer.DrainAsync();
            try
            {
                await PublishAsync(transaction, "a", "p");
                await PublishAsync(transaction, "b", "p");
                await transaction.CommitAsync();
            }
            catch (DbException) when (isolation != IsolationLevel.ReadCommitted)
            {
                expected = [];
            }
        }

        (await Consumer.DrainAsync()).Should().Equal(expected);
    }

    [Fact]
    public async Task A_publish_survives_that_all_connections_were_cut()
    {
        const int Connections = 7;
        await using var database = Fixture.OpenDatabase();
        RelationalQueueEngine engine = new(database, TimeProvider.System);
        await engine.StartAsync(CancellationToken.None);
        var open = 0;
        TaskCompletionSource areOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => database.RunAsync(
            async session =>
            {
                await session.ListAsync(Consumer.Topic, 1, null, CancellationToken.None);
                if (Interlocked.Increment(ref open) == Connections)
                {
                    areOpen.SetResult();
                }

                await areOpen.Task;
                return 0;
            },
            CancellationToken.None)));

        await Fixture.CutConnectionsAsync();

        (await new Consumer(engine).PublishAsync("a")).Should().Be(PublishResult.Stored);
    }

    // In a transaction that sees one state of the database, it is that of the first statement, whatever it reads.
    private static async Task ReadAsync(DbTransaction transaction)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT microseconds FROM queue_clock";
        await command.ExecuteScalarAsync();
    }

    private Task<IReadOnlyList<PublishResult>> PublishAsync(DbTransaction transaction, string id, string partition) =>
        ((RelationalQueueEngine)Consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf(id, partition))], CancellationToken.None);
}
