namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q1, and what is published at all.</summary>
public abstract class IdentitySuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Fact]
    public async Task What_was_published_is_delivered_as_it_was()
    {
        Message message = new() { PartitionKey = "partition", Id = "id", Payload = new byte[] { 0, 1, 255 }, Headers = new Dictionary<string, string> { ["a"] = "1", ["traceparent"] = "00-x" } };
        await Consumer.PublishAsync(message);

        var claim = await Consumer.ClaimOneAsync();

        claim.Delivery.Message.Should().Be(message);
        claim.Delivery.Topic.Should().Be(Consumer.Topic);
        claim.Delivery.Attempt.Should().Be(1);
        claim.Delivery.Deliveries.Should().Be(1);
        claim.Delivery.Redelivered.Should().BeFalse();
        claim.Delivery.PublishedAt.Should().Be(EngineFixture.Start);
        claim.Delivery.DeadLetterCause.Should().BeNull();
        claim.IsQuarantined.Should().BeFalse();
    }

    [Fact]
    public async Task A_second_publish_of_the_same_identity_is_a_duplicate_and_keeps_the_first_payload()
    {
        await Consumer.PublishAsync(Consumer.MessageOf("a", payload: "first"));

        var result = await Consumer.PublishAsync(Consumer.MessageOf("a", payload: "second"));

        result.Should().Be(PublishResult.Duplicate);
        (await Consumer.ClaimOneAsync()).Delivery.Message.Should().Be(Consumer.MessageOf("a", payload: "first"));
    }

    [Fact]
    public async Task The_same_id_in_another_partition_or_topic_is_another_message()
    {
        Consumer other = new(Consumer.Engine, "other");
        await Consumer.PublishAsync("a", "p");

        var results = new[] { await Consumer.PublishAsync("a", "q"), await other.PublishAsync("a", "p") };

        results.Should().AllBeEquivalentTo(PublishResult.Stored);
        (await Consumer.ClaimAsync()).Should().HaveCount(2);
        (await other.ClaimAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_settled_identity_is_free_again()
    {
        await Consumer.PublishAsync("a");
        await Consumer.DoneAsync(await Consumer.ClaimOneAsync());

        (await Consumer.PublishAsync("a")).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task An_identity_among_the_dead_letters_is_free_in_its_own_topic()
    {
        await Consumer.PublishAsync("a");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());

        (await Consumer.PublishAsync("a")).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task A_batch_answers_for_each_of_its_messages()
    {
        await Consumer.PublishAsync("b");

        var results = await Consumer.Engine.PublishAsync(
            [
                new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("a")),
                new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("b")),
                new OutgoingMessage("other", Consumer.MessageOf("b")),
                new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("a"), Second),
                new OutgoingMessage(Consumer.Topic, Consumer.MessageOf("c", "q")),
            ],
            CancellationToken.None);

        results.Should().Equal(PublishResult.Stored, PublishResult.Duplicate, PublishResult.Stored, PublishResult.Duplicate, PublishResult.Stored);
    }

    [Fact]
    public async Task An_empty_batch_does_nothing()
    {
        var results = await Consumer.Engine.PublishAsync([], CancellationToken.None);

        results.Should().BeEmpty();
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_message_that_many_publish_at_the_same_time_is_stored_once()
    {
        var other = await OpenConsumerAsync();

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => (i % 2 == 0 ? Consumer : other).PublishAsync("a"))));

        results.Should().ContainSingle(result => result == PublishResult.Stored);
        (await Fixture.SizeAsync()).Should().Be((1, 1));
    }

    [Fact]
    public async Task Many_that_publish_at_the_same_time_lose_nothing()
    {
        var other = await OpenConsumerAsync();

        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => (i % 2 == 0 ? Consumer : other).PublishAsync($"{i}", $"{i % 7}"))));

        (await Consumer.DrainAsync()).Should().HaveCount(200).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public async Task What_another_process_published_is_delivered()
    {
        var other = await OpenConsumerAsync();
        await other.PublishAsync("a");

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }
}
