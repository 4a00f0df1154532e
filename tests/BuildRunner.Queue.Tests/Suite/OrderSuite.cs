namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q6.</summary>
public abstract class OrderSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_partition_is_delivered_in_the_order_of_publishing(int limit)
    {
        string[] ids = [.. Enumerable.Range(0, 25).Select(i => $"{(i * 7) % 25}")];
        foreach (var id in ids)
        {
            await Consumer.PublishAsync(id);
        }

        (await Consumer.DrainAsync(limit)).Should().Equal(ids);
    }

    [Fact]
    public async Task A_batch_is_delivered_in_its_order()
    {
        await Consumer.Engine.PublishAsync([.. "cab".Select(id => new OutgoingMessage(Consumer.Topic, Consumer.MessageOf($"{id}")))], CancellationToken.None);

        (await Consumer.DrainAsync()).Should().Equal("c", "a", "b");
    }

    [Fact]
    public async Task Two_messages_of_one_partition_are_never_leased_at_once()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        var other = await OpenConsumerAsync();
        await Consumer.ClaimOneAsync();

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        (await other.ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task Partitions_are_independent()
    {
        await Consumer.PublishAsync("a", "p");
        await Consumer.PublishAsync("b", "q");
        await Consumer.PublishAsync("c", "p");

        (await Consumer.ClaimIdsAsync()).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task More_than_a_batch_of_waiting_partitions_starves_nobody_behind_them_or_ahead()
    {
        for (var i = 0; i < 25; i++)
        {
            await Consumer.PublishAsync("a", $"held-{i}");
        }

        await Consumer.RunRoundAsync(settlements: [.. (await Consumer.ClaimAsync(25)).Select(claim => new Settlement(claim.Lease, Outcome.Postpone(Minute)))]);
        for (var i = 0; i < 25; i++)
        {
            await Consumer.PublishAsync("b", $"held-{i}");
        }

        await Consumer.PublishAsync("behind", "a-free");
        await Consumer.PublishAsync("ahead", "z-free");

        (await Consumer.ClaimIdsAsync(5)).Should().BeEquivalentTo("behind", "ahead");
    }

    [Fact]
    public async Task More_than_a_batch_of_messages_behind_a_waiting_head_are_still_delivered()
    {
        await Consumer.PublishAsync("head");
        for (var i = 0; i < 25; i++)
        {
            await Consumer.PublishAsync($"{i}");
        }

        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Second);
        await AdvanceAsync(Second);

        (await Consumer.DrainAsync(5)).Should().HaveCount(26).And.StartWith(["head", "0", "1"]);
    }

    [Fact]
    public async Task What_became_due_first_is_taken_first_across_partitions()
    {
        await Consumer.PublishAsync("third", "p", TimeSpan.FromSeconds(3));
        await Consumer.PublishAsync("first", "q", TimeSpan.FromSeconds(1));
        await Consumer.PublishAsync("second", "r", TimeSpan.FromSeconds(2));
        await AdvanceAsync(Minute);

        var order = new[] { await Consumer.ClaimIdsAsync(1), await Consumer.ClaimIdsAsync(1), await Consumer.ClaimIdsAsync(1) };

        order.SelectMany(ids => ids).Should().Equal("first", "second", "third");
    }

    [Slow]
    [Fact]
    public async Task Ten_thousand_overdue_messages_are_delivered_first_under_a_flood_of_fresh_ones()
    {
        const int Overdue = 10_000;
        const int Batch = 500;
        foreach (var some in Enumerable.Range(0, Overdue).Chunk(Batch))
        {
            await Consumer.PublishAllAsync(some.Select(static i => Consumer.MessageOf("overdue", $"poll-{i}")), Second);
        }

        await AdvanceAsync(Minute);
        List<string> claimed = [];
        IReadOnlyList<Settlement> settlements = [];
        for (var round = 0; round < Overdue / Batch; round++)
        {
            await Consumer.PublishAllAsync(Enumerable.Range(0, Batch).Select(i => Consumer.MessageOf("fresh", $"fresh-{round}-{i}")));
            var claims = (await Consumer.RunRoundAsync(Batch, takesQuarantined: true, settlements)).Claims;
            claimed.AddRange(claims.Select(Consumer.IdOf));
            settlements = [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.Done))];
        }

        claimed.Should().HaveCount(Overdue).And.OnlyContain(static id => id == "overdue");
    }

    [Fact]
    public async Task Partitions_come_and_go_and_leave_nothing()
    {
        for (var round = 0; round < 10; round++)
        {
            await Consumer.PublishAllAsync(Enumerable.Range(0, 500).Select(i => Consumer.MessageOf("a", $"{round}-{i}")));
            (await Consumer.DrainAsync(500)).Should().HaveCount(500);
        }

        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_clock_that_is_set_back_delays_and_loses_nothing()
    {
        await Consumer.PublishAsync("before");
        await AdvanceAsync(-Minute);
        await Consumer.PublishAsync("after", "q");

        (await Consumer.DrainAsync()).Should().Equal("after");
        await AdvanceAsync(Minute);
        (await Consumer.DrainAsync()).Should().Equal("before");
    }

    [Fact]
    public async Task A_hundred_messages_of_one_partition_do_not_hold_up_another()
    {
        for (var i = 0; i < 100; i++)
        {
            await Consumer.PublishAsync($"{i}", "busy");
        }

        await Consumer.PublishAsync("other", "calm");

        (await Consumer.ClaimIdsAsync(2)).Should().Contain("other");
    }
}
