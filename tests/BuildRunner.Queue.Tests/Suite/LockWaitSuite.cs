using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>A publish that had to wait for a caller's transaction uses the state and the time after the wait.</summary>
public abstract class LockWaitSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : RowLockingFixture, new()
{
    [Fact]
    public async Task A_publish_that_has_waited_is_a_duplicate_of_what_was_stored_meanwhile()
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "a");
        var publish = Consumer.PublishAsync("a");
        await WaitingAsync(publish);

        await transaction.CommitAsync();

        (await publish).Should().Be(PublishResult.Duplicate);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_publish_of_several_that_has_waited_for_one_of_their_partitions_stores_all(bool commits)
    {
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "theirs");
        OutgoingMessage[] messages = [.. ((string[])["o", "p", "q"]).Select(key => new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("a", key)))];
        var publish = Consumer.Engine.PublishAsync(messages, CancellationToken.None);
        await WaitingAsync(publish);

        await (commits ? transaction.CommitAsync() : transaction.RollbackAsync());

        (await publish).Should().AllBeEquivalentTo(PublishResult.Stored);
        (await Consumer.DrainAsync()).Should().BeEquivalentTo(commits ? ["theirs", "a", "a", "a"] : ["a", "a", "a"]);
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_publish_that_has_waited_goes_by_the_time_after_the_wait()
    {
        await using var engine = await Fixture.OpenWithRealClockAsync();
        await using var connection = await Fixture.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await PublishAsync(transaction, "a");
        var publish = new Consumer(engine).PublishAsync("b");
        await WaitingAsync(publish);

        // The publish has begun by the first time, and is still waiting at the second.
        var first = await Fixture.ReadRealClockAsync();
        var second = first;
        while (second == first)
        {
            second = await Fixture.ReadRealClockAsync();
        }

        await transaction.CommitAsync();

        (await publish).Should().Be(PublishResult.Stored);
        (await Fixture.CountAsync("SELECT published_at FROM queue_messages WHERE id = 'b'")).Should().BeGreaterThanOrEqualTo(second);
        (await Fixture.CountAsync("SELECT visible_after FROM queue_messages WHERE id = 'b'")).Should().BeGreaterThanOrEqualTo(second);
    }

    private async Task WaitingAsync<T>(Task<T> publish)
    {
        while (await Fixture.CountWaitingAsync() == 0)
        {
            if (publish.IsCompleted)
            {
                // Had it failed, that is thrown.
                Assert.Fail($"It was to wait, and is {await publish}.");
            }
        }
    }

    private Task<IReadOnlyList<PublishResult>> PublishAsync(DbTransaction transaction, string id) =>
        ((RelationalQueueEngine)Consumer.Engine).PublishAsync(transaction, [new OutgoingMessage(Consumer.Topic, Consumer.MessageOf(id))], CancellationToken.None);
}
