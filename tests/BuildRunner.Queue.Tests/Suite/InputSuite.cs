namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rules Q9 to Q11: the real clock, nothing left behind, and hostile input.</summary>
public abstract class InputSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Theory]
    [MemberData(nameof(Texts.Different), MemberType = typeof(Texts))]
    public async Task Ids_partitions_and_topics_are_compared_exactly(string one, string other)
    {
        foreach (var topic in new[] { one, other })
        {
            foreach (var partition in new[] { one, other })
            {
                foreach (var id in new[] { one, other })
                {
                    (await new Consumer(Consumer.Engine, topic).PublishAsync(id, partition)).Should().Be(PublishResult.Stored);
                }
            }
        }

        foreach (var topic in new[] { one, other })
        {
            var claims = await new Consumer(Consumer.Engine, topic).ClaimAsync();
            claims.Select(claim => claim.Delivery.Message).Should().BeEquivalentTo([Consumer.MessageOf(one, one), Consumer.MessageOf(one, other)]);
        }
    }

    [Fact]
    public async Task The_longest_texts_of_the_widest_characters_are_kept()
    {
        var wide = string.Concat(Enumerable.Repeat("\u20ac", 255));
        Consumer consumer = new(Consumer.Engine, string.Concat(Enumerable.Repeat("\u20ac", 200)));
        Message message = new() { PartitionKey = wide, Id = wide, Payload = new byte[1024 * 1024], Headers = new Dictionary<string, string> { [wide] = wide } };
        await consumer.PublishAsync(message);
        var claim = await consumer.ClaimOneAsync();
        await consumer.DeadLetterAsync(claim);

        claim.Delivery.Message.Should().Be(message);
        (await consumer.DeadLettersAsync()).Single().Message.Should().Be(message);
    }

    [Fact]
    public async Task Settled_messages_leave_nothing()
    {
        for (var i = 0; i < 100; i++)
        {
            await Consumer.PublishAsync("a", $"{i}");
        }

        await Consumer.DrainAsync();

        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task What_became_a_dead_letter_leaves_nothing_in_its_topic()
    {
        await Consumer.PublishAsync("a");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());

        (await Fixture.SizeAsync()).Should().Be((1, 1));
        await Consumer.Engine.PurgeAsync(Consumer.Topic, [new MessageKey { PartitionKey = "p", Id = "a" }], CancellationToken.None);
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task The_real_clock_is_the_time_of_day_and_hides_what_is_not_due()
    {
        await using var engine = await Fixture.OpenWithRealClockAsync();
        Consumer consumer = new(engine, "real");
        var before = DateTimeOffset.UtcNow;
        await consumer.PublishAsync("now", "p");
        await consumer.PublishAsync("later", "q", TimeSpan.FromHours(1));

        var result = await consumer.RunRoundAsync(10, takesQuarantined: true);

        var claim = result.Claims.Should().ContainSingle().Subject;
        claim.Delivery.Message.Id.Should().Be("now");
        claim.Delivery.PublishedAt.Should().BeCloseTo(before, TimeSpan.FromMinutes(1));
        result.NextDueIn.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessThanOrEqualTo(TimeSpan.FromHours(1));
    }
}
