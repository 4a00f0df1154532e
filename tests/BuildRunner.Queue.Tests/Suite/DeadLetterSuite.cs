namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q8.</summary>
public abstract class DeadLetterSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    private Consumer DeadLetterConsumer => new(Consumer.Engine, Topic.DeadLettersOf(Consumer.Topic));

    [Fact]
    public async Task A_dead_letter_carries_the_message_and_why_it_failed()
    {
        Message message = new() { PartitionKey = "p", Id = "a", Payload = new byte[] { 1, 2 }, Headers = new Dictionary<string, string> { ["h"] = "v" } };
        await Consumer.PublishAsync(message);
        await Consumer.RetryAsync(await Consumer.ClaimOneAsync());
        await AdvanceAsync(Second);
        await Consumer.SettleAsync(await Consumer.ClaimOneAsync(), Outcome.Reject(new Failure("because", "kind")));

        var letter = (await Consumer.DeadLettersAsync()).Should().ContainSingle().Subject;

        letter.Should().Be(new DeadLetter { Message = message, PublishedAt = EngineFixture.Start, Cause = new() { Failure = new("because", "kind"), Attempts = 2, Topic = Consumer.Topic } });
        (await Consumer.ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_is_delivered_from_its_topic_at_once_with_its_cause()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("a", delay: Minute);
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());

        var claim = await DeadLetterConsumer.ClaimOneAsync();

        claim.Delivery.Attempt.Should().Be(1);
        claim.Delivery.Deliveries.Should().Be(1);
        claim.Delivery.DeadLetterCause.Should().Be(new DeadLetterCause { Failure = new("failed", "test"), Attempts = 1, Topic = Consumer.Topic });
    }

    [Fact]
    public async Task The_longest_failure_is_kept_whole()
    {
        Failure failure = new(new string('\u20ac', 5000), new string('\u20ac', 5000));
        await Consumer.PublishAsync("a");
        await Consumer.SettleAsync(await Consumer.ClaimOneAsync(), Outcome.Reject(failure));

        (await Consumer.DeadLettersAsync()).Single().Cause!.Failure.Should().Be(failure);
    }

    [Fact]
    public async Task A_first_dead_letter_replaces_none()
    {
        await Consumer.PublishAsync("a");

        var result = await Consumer.RunRoundAsync(settlements: [new Settlement((await Consumer.ClaimOneAsync()).Lease, Outcome.Reject(new Failure("failed")))]);

        result.Settlements.Should().Equal(LeaseResult.Applied);
        result.Replaced.Should().BeEmpty();
    }

    [Fact]
    public async Task A_dead_letter_of_the_same_identity_is_replaced()
    {
        await Consumer.PublishAsync(Consumer.MessageOf("a", payload: "old"));
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync(), "old");
        await Consumer.PublishAsync(Consumer.MessageOf("a", payload: "new"));

        var result = await Consumer.RunRoundAsync(settlements: [new Settlement((await Consumer.ClaimOneAsync()).Lease, Outcome.Reject(new Failure("new")))]);

        result.Replaced.Should().Equal(new MessageKey { PartitionKey = "p", Id = "a" });
        var letter = (await Consumer.DeadLettersAsync()).Should().ContainSingle().Subject;
        letter.Message.Should().Be(Consumer.MessageOf("a", payload: "new"));
        letter.Cause!.Failure.Reason.Should().Be("new");
    }

    [Fact]
    public async Task The_holder_of_a_dead_letter_that_was_replaced_does_not_delete_the_new_one()
    {
        await Consumer.PublishAsync("a");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());
        var holder = await DeadLetterConsumer.ClaimOneAsync();
        await Consumer.PublishAsync("a");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync(), "new");

        (await DeadLetterConsumer.DoneAsync(holder)).Should().Be(LeaseResult.Stale);
        (await DeadLetterConsumer.ClaimOneAsync()).Delivery.DeadLetterCause!.Failure.Reason.Should().Be("new");
    }

    [Fact]
    public async Task A_dead_letter_that_is_replaced_leaves_the_lease_of_its_neighbour()
    {
        foreach (var id in new[] { "a", "b" })
        {
            await Consumer.PublishAsync(id);
            await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());
        }

        var holder = await DeadLetterConsumer.ClaimOneAsync();
        await Consumer.PublishAsync("b");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());

        (await DeadLetterConsumer.ClaimAsync()).Should().BeEmpty();
        (await DeadLetterConsumer.DoneAsync(holder)).Should().Be(LeaseResult.Applied);
        (await DeadLetterConsumer.ClaimIdsAsync()).Should().Equal("b");
    }

    [Fact]
    public async Task From_a_dead_letter_topic_nothing_is_dead_lettered_again()
    {
        await Consumer.PublishAsync("a");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());

        await DeadLetterConsumer.DeadLetterAsync(await DeadLetterConsumer.ClaimOneAsync());

        (await DeadLetterConsumer.DeadLettersAsync()).Should().BeEmpty();
        await AdvanceAsync(DeadLetterConsumer.Policy.MaxDelay - Millisecond);
        (await DeadLetterConsumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Millisecond);
        (await DeadLetterConsumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_dead_letter_that_always_expires_stays_one()
    {
        Consumer consumer = new(Consumer.Engine, Topic.DeadLettersOf(Consumer.Topic)) { Policy = new RetryPolicy(1, TimeSpan.Zero, TimeSpan.Zero) };
        await Consumer.PublishAsync("a");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());
        for (var i = 0; i < 5; i++)
        {
            await consumer.ClaimAsync();
            await LetLeasesEndAsync();
        }

        (await Consumer.DeadLettersAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task A_reject_lets_the_partition_go_on()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());

        (await Consumer.ClaimIdsAsync()).Should().Equal("b");
    }

    [Fact]
    public async Task A_redriven_letter_is_a_fresh_message()
    {
        await BuryAsync("a");
        await AdvanceAsync(Minute);

        var count = await Consumer.Engine.RedriveAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }, new MessageKey { PartitionKey = "p", Id = "unknown" }], CancellationToken.None);

        count.Should().Be(1);
        var delivery = (await Consumer.ClaimOneAsync()).Delivery;
        delivery.Should().Be(new Delivery { Message = Consumer.MessageOf("a"), Topic = Consumer.Topic, PublishedAt = EngineFixture.Start + Minute, DueAt = EngineFixture.Start + Minute });
        (await Consumer.DeadLettersAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_redrive_hastens_a_message_of_the_same_identity()
    {
        await BuryAsync("a");
        await Consumer.PublishAsync("a", delay: Minute);

        await Consumer.Engine.RedriveAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }], CancellationToken.None);

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
        (await Fixture.SizeAsync()).Messages.Should().Be(1);
    }

    [Fact]
    public async Task A_redrive_while_the_identity_is_handled_is_not_lost()
    {
        await BuryAsync("a");
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.Engine.RedriveAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }], CancellationToken.None);
        await Consumer.DoneAsync(claim);

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_letter_that_is_handled_can_be_redriven_and_purged(bool redrive)
    {
        await BuryAsync("a");
        var holder = await DeadLetterConsumer.ClaimOneAsync();

        var count = redrive
            ? await Consumer.Engine.RedriveAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }], CancellationToken.None)
            : await Consumer.Engine.PurgeAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }], CancellationToken.None);

        count.Should().Be(1);
        (await DeadLetterConsumer.DoneAsync(holder)).Should().Be(LeaseResult.Stale);
        (await Fixture.SizeAsync()).Messages.Should().Be(redrive ? 1 : 0);
    }

    [Fact]
    public async Task A_purged_letter_is_gone()
    {
        await BuryAsync("a");
        await BuryAsync("b");

        var count = await Consumer.Engine.PurgeAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }, new MessageKey { PartitionKey = "q", Id = "b" }], CancellationToken.None);

        count.Should().Be(1);
        (await Consumer.DeadLettersAsync()).Should().ContainSingle(letter => letter.Message.Id == "b");
    }

    [Fact]
    public async Task Letters_are_listed_page_by_page()
    {
        string[] ids = ["a", "b", "c", "d", "e"];
        foreach (var id in ids)
        {
            await BuryAsync(id);
        }

        List<string> listed = [];
        MessageKey? after = null;
        do
        {
            var page = await Consumer.Engine.ListDeadLettersAsync(Consumer.Topic, 2, after, CancellationToken.None);
            listed.AddRange(page.Letters.Select(letter => letter.Message.Id));
            after = page.Next;
        }
        while (after is not null);

        listed.Should().Equal(ids);
    }

    private async Task BuryAsync(string id)
    {
        await Consumer.PublishAsync(id);
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());
    }
}
