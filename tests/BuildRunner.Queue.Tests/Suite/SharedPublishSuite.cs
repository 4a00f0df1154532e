using BuildRunner.Queue.Tests.Relational;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Publishes that arrive while others run share a transaction, and nothing else: each has its own result, and none fails or waits with another.</summary>
public abstract class SharedPublishSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : RowLockingFixture, new()
{
    private const int Publishes = 64;

    // Four begin before the others are there; after that, at most as many find some of the rest.
    private const int MostTransactions = 8;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Gets a value indicating whether the database may write to new partitions without a look.</summary>
    protected virtual bool WritesNew => false;

    [Fact]
    public async Task Publishes_that_arrive_together_share_transactions_and_have_results_of_their_own()
    {
        await Consumer.PublishAsync("m7", "p7");
        var (results, transactions) = await PublishTogetherAsync(Publishes);

        (await Task.WhenAll(results)).Should().Equal(Enumerable.Range(0, Publishes).Select(static i => i == 7 ? PublishResult.Duplicate : PublishResult.Stored));
        transactions().Should().BeLessThanOrEqualTo(MostTransactions);
        (await Consumer.DrainAsync(Publishes)).Should().HaveCount(Publishes).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task A_message_that_the_database_refuses_fails_its_own_publish_alone()
    {
        await Fixture.RefuseMessagesUnlessAsync("id <> 'm33'");
        var (results, _) = await PublishTogetherAsync(Publishes);

        await results[33].Invoking(static result => result).Should().ThrowAsync<System.Data.Common.DbException>();
        (await Task.WhenAll(results.Where(static (_, i) => i != 33))).Should().AllBeEquivalentTo(PublishResult.Stored);
    }

    [Fact]
    public async Task A_partition_that_somebody_else_has_locked_holds_up_its_own_publish_alone()
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ((RelationalQueueEngine)Consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("theirs", "p33"))], CancellationToken.None);
        var (results, _) = await PublishTogetherAsync(Publishes);

        (await Task.WhenAll(results.Where(static (_, i) => i != 33)).WaitAsync(Patience)).Should().AllBeEquivalentTo(PublishResult.Stored);
        results[33].IsCompleted.Should().BeFalse("its partition is locked");
        await transaction.CommitAsync();
        (await results[33]).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task Publishes_that_wait_for_a_lock_do_not_hold_up_those_that_come_later()
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await ((RelationalQueueEngine)Consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("theirs", "p"))], CancellationToken.None);
        GatedDatabase database = new(Fixture.OpenDatabase(TimeProvider.System), Task.CompletedTask);
        Consumer consumer = new(Disposed(new RelationalQueueEngine(database, TimeProvider.System)));
        await consumer.Engine.StartAsync(CancellationToken.None);
        List<Task<PublishResult>> waiting = [];
        using CancellationTokenSource patience = new(Patience);
        for (var begun = database.Transactions; waiting.Count < 6; begun = database.Transactions)
        {
            // Each in a transaction of its own, as far as they are let.
            waiting.Add(consumer.PublishAsync($"m{waiting.Count}", "p"));
            while (database.Transactions == begun && waiting.Count <= 4)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        (await consumer.PublishAsync("free", "other").WaitAsync(Patience)).Should().Be(PublishResult.Stored);

        waiting.Should().OnlyContain(static result => !result.IsCompleted, "their partition is locked, and who has locked it may wait for the other");
        await transaction.CommitAsync();
        (await Task.WhenAll(waiting)).Should().AllBeEquivalentTo(PublishResult.Stored);
    }

    [Fact]
    public async Task Publishes_whose_shared_transactions_end_in_deadlocks_are_tried_alone_at_once()
    {
        await Fixture.UndoSharedTransactionsAsync();

        var (results, transactions) = await PublishTogetherAsync(Publishes);

        (await Task.WhenAll(results)).Should().AllBeEquivalentTo(PublishResult.Stored);
        transactions().Should().BeInRange(Publishes + 1, Publishes + MostTransactions, "each is tried alone, and a shared transaction once");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_caller_has_the_exception_of_the_driver_when_a_shared_transaction_fails(bool expectsNew)
    {
        IOException cause = new();
        FailingDatabase? failing = null;
        var (results, _) = await PublishTogetherAsync(Publishes, inner => failing = new FailingDatabase(inner, cause, expectsNew));

        await Task.WhenAll(results).ContinueWith(static _ => { }, TaskScheduler.Default);
        var failures = results.Where(static result => result.IsFaulted).Select(static result => result.Exception!.InnerException!).ToList();
        failures.Should().HaveCountGreaterThan(1).And.OnlyContain(failure => failure == cause);
        ShouldHaveSharedFailures(failing!, expectsNew);
    }

    private void ShouldHaveSharedFailures(FailingDatabase database, bool expectsNew)
    {
        database.Failures.Should().BePositive().And.BeLessThan(Publishes, "callers share transactions");
        database.FailuresOfNew.Should().Be(expectsNew && WritesNew ? database.Failures : 0);
    }

    private async Task<(Task<PublishResult>[] Results, Func<int> Transactions)> PublishTogetherAsync(int count, Func<IBuildDatabase, IBuildDatabase>? wrap = null)
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var inner = Fixture.OpenDatabase(TimeProvider.System);
        GatedDatabase database = new(wrap?.Invoke(inner) ?? inner, gate.Task);
        Consumer consumer = new(Disposed(new RelationalQueueEngine(database, TimeProvider.System)));
        await consumer.Engine.StartAsync(CancellationToken.None);
        Task<PublishResult>[] results = [.. Enumerable.Range(0, count).Select(i => consumer.PublishAsync($"m{i}", $"p{i}"))];
        gate.SetResult();
        return (results, () => database.Transactions);
    }
}
