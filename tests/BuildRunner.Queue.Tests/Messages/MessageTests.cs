namespace BuildRunner.Queue.Tests.Messages;

public sealed class MessageTests
{
    public static TheoryData<string> UnfitKeys => ["", new string('a', 256), "a\0b", "\ud800", "a\udc00"];

    [Theory]
    [MemberData(nameof(UnfitKeys))]
    public void An_id_or_a_partition_key_that_not_every_engine_can_store_is_refused(string text)
    {
        var asId = () => new Message { PartitionKey = "p", Id = text };
        var asPartition = () => new Message { PartitionKey = text, Id = "a" };
        var asIdOfKey = () => new MessageKey { PartitionKey = "p", Id = text };
        var asPartitionOfKey = () => new MessageKey { PartitionKey = text, Id = "a" };

        asId.Should().Throw<ArgumentException>();
        asPartition.Should().Throw<ArgumentException>();
        asIdOfKey.Should().Throw<ArgumentException>();
        asPartitionOfKey.Should().Throw<ArgumentException>();
    }

    [Theory]
    [MemberData(nameof(UnfitKeys))]
    public void A_topic_that_not_every_engine_can_store_is_refused(string text)
    {
        var act = () => new OutgoingMessage(text, new Message { PartitionKey = "p", Id = "a" });

        act.Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData(200, "", true)]
    [InlineData(201, "", false)]
    [InlineData(200, "_dlq", true)]
    [InlineData(201, "_dlq", false)]
    public void A_topic_is_so_short_that_its_dead_letters_have_one_too(int length, string ending, bool isValid)
    {
        var act = () => new OutgoingMessage(new string('t', length) + ending, new Message { PartitionKey = "p", Id = "a" });

        if (isValid)
        {
            act.Should().NotThrow();
        }
        else
        {
            act.Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void Headers_that_are_too_long_or_cannot_be_stored_are_refused()
    {
        foreach (var (name, value) in new[] { ("", "v"), ("n", "\0"), ("n", "\ud800"), ("n", new string('v', Message.MaxHeadersLength)), (new string('n', 256), "") })
        {
            var act = () => new Message { PartitionKey = "p", Id = "a", Headers = new Dictionary<string, string> { [name] = value } };

            act.Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void A_delay_past_the_range_is_refused()
    {
        var publish = () => new OutgoingMessage("t", new Message { PartitionKey = "p", Id = "a" }, TimeSpan.MaxValue);
        var postpone = () => Outcome.Postpone(TimeSpan.MaxValue);

        publish.Should().Throw<ArgumentOutOfRangeException>();
        postpone.Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void A_negative_delay_is_none()
    {
        new OutgoingMessage("t", new Message { PartitionKey = "p", Id = "a" }, TimeSpan.MinValue).Delay.Should().Be(TimeSpan.Zero);
        Outcome.Postpone(TimeSpan.MinValue).Delay.Should().Be(TimeSpan.Zero);
    }

    [Fact]
    public void Messages_are_compared_by_everything_that_they_have()
    {
        Message Make(string id = "a", string partition = "p", byte payload = 1, string header = "v") =>
            new() { PartitionKey = partition, Id = id, Payload = new[] { payload }, Headers = new Dictionary<string, string> { ["h"] = header } };

        Make().Should().Be(Make());
        Make().GetHashCode().Should().Be(Make().GetHashCode());
        foreach (var other in new[] { Make(id: "b"), Make(partition: "q"), Make(payload: 2), Make(header: "w"), Make() with { Headers = null } })
        {
            Make().Should().NotBe(other);
        }
    }

    [Fact]
    public void The_text_of_a_message_does_not_show_what_it_carries()
    {
        Message message = new() { PartitionKey = "p", Id = "a", Payload = "secret"u8.ToArray(), Headers = new Dictionary<string, string> { ["authorization"] = "secret" } };

        message.ToString().Should().NotContain("secret").And.NotContain("authorization").And.Contain("a");
    }

    [Fact]
    public void Headers_are_copied()
    {
        Dictionary<string, string> headers = new() { ["h"] = "v" };
        Message message = new() { PartitionKey = "p", Id = "a", Headers = headers };
        headers["h"] = "changed";

        message.Headers["h"].Should().Be("v");
    }

    [Fact]
    public void A_failure_is_cut_to_a_kibibyte_between_two_characters()
    {
        Failure failure = new(new string('\u20ac', 2000) + "\0", new string('\u20ac', 2000));

        System.Text.Encoding.UTF8.GetByteCount(failure.Reason + failure.Type).Should().BeLessThanOrEqualTo(1024).And.BeGreaterThan(1000);
        (failure.Reason + failure.Type).Trim('\u20ac').Should().BeEmpty();
    }

    [Fact]
    public void A_failure_has_nothing_that_cannot_be_stored()
    {
        new Failure("a\0b\ud800").Reason.Should().Be("a\ufffdb\ufffd");
    }
}
