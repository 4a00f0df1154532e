namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q3.</summary>
public abstract class PublishAfterSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Fact]
    public async Task A_message_is_invisible_until_its_delay_has_passed_and_visible_then()
    {
        await Consumer.PublishAsync("a", delay: Minute);

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Minute - Millisecond);
        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Millisecond);
        (await Consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public async Task With_zero_or_a_negative_delay_a_message_is_visible_at_once(long ticks)
    {
        await Consumer.PublishAsync("a", delay: TimeSpan.FromTicks(ticks));

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_part_of_a_millisecond_is_rounded_up()
    {
        await Consumer.PublishAsync("a", delay: TimeSpan.FromTicks(1));

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Millisecond);
        (await Consumer.ClaimAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_delay_begins_at_the_end_of_the_millisecond_in_which_it_is_asked_for()
    {
        await AdvanceAsync(Millisecond / 2);
        await Consumer.PublishAsync("a", delay: Second);

        await AdvanceAsync(Second);
        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Millisecond / 2);
        (await Consumer.ClaimAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task The_longest_delay_can_be_stored()
    {
        await Consumer.PublishAsync("a", delay: OutgoingMessage.MaxDelay);

        (await Consumer.RunRoundAsync(10)).NextDueIn.Should().Be(OutgoingMessage.MaxDelay);
    }

    [Fact]
    public async Task What_is_due_earlier_goes_first()
    {
        await Consumer.PublishAsync("late", delay: Minute);
        await Consumer.PublishAsync("early", delay: Second);
        await Consumer.PublishAsync("now");

        (await Consumer.DrainAsync()).Should().Equal("now");
        await AdvanceAsync(Minute);
        (await Consumer.DrainAsync()).Should().Equal("early", "late");
    }

    [Fact]
    public async Task The_engine_says_when_the_next_message_is_due()
    {
        await Consumer.PublishAsync("a", "p", Minute);
        await Consumer.PublishAsync("b", "q", Second);

        var result = await Consumer.RunRoundAsync(10, takesQuarantined: true);

        result.NextDueIn.Should().Be(Second);
        result.IsMore.Should().BeFalse();
    }

    [Fact]
    public async Task With_nothing_stored_nothing_is_due()
    {
        var result = await Consumer.RunRoundAsync(10, takesQuarantined: true);

        result.NextDueIn.Should().BeNull();
        result.IsMore.Should().BeFalse();
    }

    [Fact]
    public async Task More_than_the_limit_is_said_to_be_more()
    {
        await Consumer.PublishAsync("a", "p");
        await Consumer.PublishAsync("b", "q");

        var result = await Consumer.RunRoundAsync(1, takesQuarantined: true);

        result.Claims.Should().HaveCount(1);
        result.IsMore.Should().BeTrue();
    }

    [Fact]
    public async Task A_publish_wakes_with_its_delay()
    {
        List<TimeSpan> wakes = [];
        using (Consumer.Engine.Subscribe(Consumer.Topic, wakes.Add))
        {
            await Consumer.PublishAsync("a", delay: Minute);
        }

        await Consumer.PublishAsync("b");

        wakes.Should().Equal(Minute);
    }
}
