using BuildRunner.Queue.Hosting;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Manual changes of the tables stop nothing else.</summary>
public abstract class RepairSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : SqlFixture, new()
{
    private static readonly TimeSpan Delay = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_message_that_is_deleted_while_it_is_leased_cannot_be_settled_and_frees_its_partition()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        var claim = await Consumer.ClaimOneAsync();
        await DeleteAsync("a");

        var result = await Consumer.DoneAsync(claim);

        result.Should().Be(LeaseResult.Stale);
        (await Consumer.DrainAsync()).Should().Equal("b");
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task The_lease_of_a_message_that_is_deleted_expires_and_stops_no_other_partition()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.ClaimOneAsync();
        await DeleteAsync("a");
        await Consumer.PublishAsync("c", partition: "q");

        await Fixture.AdvanceAsync(Consumer.LeaseDuration * 2);

        (await Consumer.DrainAsync()).Should().BeEquivalentTo("b", "c");
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_postponed_message_that_is_deleted_leaves_those_behind_it()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Delay);
        await DeleteAsync("a");

        await Fixture.AdvanceAsync(Delay * 2);

        (await Consumer.DrainAsync()).Should().Equal("b");
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Theory]
    [InlineData("headers = '{\"a\":1}'")]
    [InlineData("headers = '{'")]
    [InlineData("id = ''")]
    public async Task A_row_that_is_no_message_steps_aside(string change)
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.PublishAsync("c", partition: "q");
        await Fixture.ExecuteAsync($"UPDATE queue_messages SET {change} WHERE id = 'a'");

        List<string> ids = [.. await ClaimTwiceAsync()];

        ids.Should().BeEquivalentTo("b", "c");
    }

    [Theory]
    [InlineData("1764460800000000")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775807")]
    public async Task A_message_that_was_published_at_no_time_is_delivered_and_listed(string publishedAt)
    {
        await Consumer.PublishAsync("a");
        await Fixture.ExecuteAsync($"UPDATE queue_messages SET published_at = {publishedAt}");
        var claim = await Consumer.ClaimOneAsync();

        (await Consumer.DeadLetterAsync(claim)).Should().Be(LeaseResult.Applied);

        claim.Delivery.PublishedAt.Should().Be(DateTimeOffset.UnixEpoch);
        await Fixture.ExecuteAsync($"UPDATE queue_messages SET published_at = {publishedAt}");
        (await Consumer.DeadLettersAsync()).Should().ContainSingle().Which.Message.Id.Should().Be("a");
    }

    [Fact]
    public async Task A_message_that_is_due_after_the_end_of_time_stops_no_other_partition()
    {
        await Consumer.PublishAsync("a");
        await Fixture.ExecuteAsync("UPDATE queue_messages SET visible_after = 1764460800000000; UPDATE queue_partitions SET ready_at = 1764460800000000");
        await Consumer.PublishAsync("b", partition: "q");

        (await Consumer.DrainAsync()).Should().Equal("b");

        var result = await Consumer.RunRoundAsync(limit: 1);
        result.NextDueIn.Should().BeNull();
        result.IsMore.Should().BeFalse();
    }

    [Theory]
    [InlineData("b", "a b")]
    [InlineData("a", "a")]
    public async Task A_message_whose_partition_is_deleted_is_delivered_after_the_next_publish_to_it(string id, string expected)
    {
        await Consumer.PublishAsync("a");
        await Fixture.ExecuteAsync("DELETE FROM queue_partitions");
        await Consumer.PublishAsync("c", partition: "q");
        (await Consumer.DrainAsync()).Should().Equal("c");
        await Fixture.AdvanceAsync(Delay);

        await Consumer.PublishAsync(id);

        string.Join(' ', await Consumer.DrainAsync()).Should().Be(expected);
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task Messages_whose_partitions_are_deleted_are_delivered_after_the_statement_of_the_operations_page()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Fixture.ExecuteAsync("DELETE FROM queue_partitions");
        await Consumer.PublishAsync("c", partition: "q");

        await Fixture.ExecuteAsync("INSERT INTO queue_partitions (topic, partition_key, ready_at) SELECT DISTINCT m.topic, m.partition_key, 0 FROM queue_messages m WHERE NOT EXISTS (SELECT 1 FROM queue_partitions p WHERE p.topic = m.topic AND p.partition_key = m.partition_key)");

        (await Consumer.DrainAsync()).Should().BeEquivalentTo("a", "b", "c");
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_message_whose_partition_is_deleted_while_it_is_leased_cannot_be_settled_and_stops_nothing()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b", partition: "q");
        var claims = await Consumer.ClaimAsync();
        await Fixture.ExecuteAsync("DELETE FROM queue_partitions WHERE partition_key = 'p'");

        var result = await Consumer.RunRoundAsync(settlements: [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.Done))]);

        result.Settlements.Should().BeEquivalentTo([LeaseResult.Stale, LeaseResult.Applied]);
        (await Consumer.PublishAsync("a")).Should().Be(PublishResult.Duplicate);
        (await Consumer.DrainAsync()).Should().Equal("a");
    }

    [Theory]
    [InlineData("headers = '{'")]
    [InlineData("id = ''")]
    public async Task A_dead_letter_that_is_no_message_is_listed_by_its_key_and_can_be_purged(string change)
    {
        await MakeDeadLettersAsync(change);

        var page = await Consumer.Engine.ListDeadLettersAsync(Consumer.Topic, 2, null, CancellationToken.None);

        page.Letters.Should().ContainSingle().Which.Message.Id.Should().Be("b");
        page.Next!.Id.Should().Be("b");
        (await Consumer.Engine.PurgeAsync(Consumer.Topic, page.Unreadable, CancellationToken.None)).Should().Be(1);
        (await Fixture.SizeAsync()).Messages.Should().Be(1);
    }

    [Theory]
    [InlineData("headers = '{'", true)]
    [InlineData("headers = '{'", false)]
    [InlineData("id = ''", true)]
    [InlineData("id = ''", false)]
    public async Task A_dead_letter_that_is_no_message_stops_no_other_from_being_redriven_or_purged(string change, bool redrives)
    {
        DeadLetters letters = new(Consumer.Engine);
        await MakeDeadLettersAsync(change);

        var count = redrives ? await letters.RedriveAllAsync(Consumer.Topic) : await letters.PurgeAllAsync(Consumer.Topic);

        count.Should().Be(2);
        var page = await letters.ListAsync(Consumer.Topic);
        page.Letters.Should().BeEmpty();
        page.Unreadable.Should().BeEmpty();
        (await Fixture.SizeAsync()).Messages.Should().Be(redrives ? 2 : 0);
    }

    [Fact]
    public async Task A_partition_that_a_publish_has_made_and_not_used_is_never_due()
    {
        await Fixture.ExecuteAsync($"INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('{Consumer.DefaultTopic}', 'p', {long.MaxValue})");

        var result = await Consumer.RunRoundAsync(limit: 1);

        result.NextDueIn.Should().BeNull();
        result.IsMore.Should().BeFalse();
    }

    private async Task MakeDeadLettersAsync(string change)
    {
        foreach (var id in new[] { "a", "b" })
        {
            await Consumer.PublishAsync(id);
            await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());
        }

        await Fixture.ExecuteAsync($"UPDATE queue_messages SET {change} WHERE id = 'a'");
    }

    private async Task<IReadOnlyList<string>> ClaimTwiceAsync()
    {
        var first = await Consumer.ClaimAsync();
        var second = await Consumer.RunRoundAsync(limit: 10, settlements: [.. first.Select(static claim => new Settlement(claim.Lease, Outcome.Done))]);
        return [.. first.Concat(second.Claims).Select(static claim => claim.Delivery.Message.Id)];
    }

    private Task DeleteAsync(string id) => Fixture.ExecuteAsync($"DELETE FROM queue_messages WHERE id = '{id}'");
}
