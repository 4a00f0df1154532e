namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rules Q4 and Q5: "not yet" holds the partition and never counts, "failed" steps aside and does.</summary>
public abstract class PostponeSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Fact]
    public async Task A_postponed_message_comes_again_when_the_delay_has_passed()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);

        await AdvanceAsync(Minute - Millisecond);
        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Millisecond);
        (await Consumer.ClaimOneAsync()).Delivery.Should().Match<Delivery>(delivery => delivery.Attempt == 1 && delivery.Deliveries == 2 && !delivery.Redelivered);
    }

    [Fact]
    public async Task A_postponed_message_stays_where_it_is()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);

        (await Fixture.SizeAsync()).Should().Be((1, 1));
        (await Consumer.PublishAsync("a", delay: Minute)).Should().Be(PublishResult.Duplicate);
    }

    [Fact]
    public async Task A_postponed_message_holds_its_partition_until_it_has_been_delivered_again()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);
        await Consumer.PublishAsync("c");

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Minute);
        (await Consumer.DrainAsync()).Should().Equal("a", "b", "c");
    }

    [Fact]
    public async Task A_message_is_at_its_first_attempt_after_a_postpone()
    {
        await Consumer.PublishAsync("a");
        await Consumer.RetryAsync(await Consumer.ClaimOneAsync());
        var second = await Consumer.ClaimOneAsync();
        await Consumer.PostponeAsync(second, TimeSpan.Zero);

        second.Delivery.Attempt.Should().Be(2);
        (await Consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(1);
    }

    [Slow]
    [Fact]
    public async Task A_thousand_postpones_never_count()
    {
        await Consumer.PublishAsync("a");
        for (var i = 0; i < 1000; i++)
        {
            (await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Second)).Should().Be(LeaseResult.Applied);
            await AdvanceAsync(Second);
        }

        foreach (var attempt in new[] { 1, 2, 3 })
        {
            var claim = await Consumer.ClaimOneAsync();
            claim.Delivery.Attempt.Should().Be(attempt);
            await Consumer.RetryAsync(claim);
        }
    }

    [Fact]
    public async Task A_failed_message_steps_aside_and_the_rest_of_its_partition_flows_past()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.PublishAsync("c");
        await Consumer.RetryAsync(await Consumer.ClaimOneAsync(), Minute);

        (await Consumer.DrainAsync()).Should().Equal("b", "c");
        await AdvanceAsync(Minute);
        (await Consumer.DrainAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task Failures_are_counted()
    {
        await Consumer.PublishAsync("a");

        foreach (var attempt in new[] { 1, 2, 3, 4 })
        {
            var claim = await Consumer.ClaimOneAsync();
            claim.Delivery.Should().Match<Delivery>(delivery => delivery.Attempt == attempt && delivery.Deliveries == attempt && !delivery.Redelivered);
            await Consumer.RetryAsync(claim);
        }
    }

    [Fact]
    public async Task A_hand_back_changes_nothing_but_the_lease()
    {
        await Consumer.PublishAsync("a");
        await Consumer.RetryAsync(await Consumer.ClaimOneAsync());
        await Consumer.PublishAsync("b");
        await Consumer.HandBackAsync(await Consumer.ClaimOneAsync());

        var claim = await Consumer.ClaimOneAsync();

        claim.Delivery.Message.Id.Should().Be("a");
        claim.Delivery.Attempt.Should().Be(2);
        claim.Delivery.Redelivered.Should().BeTrue();
        claim.IsQuarantined.Should().BeFalse();
    }

    [Fact]
    public async Task A_postponed_message_that_is_handed_back_still_holds_its_partition()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Second);
        await AdvanceAsync(Second);
        await Consumer.HandBackAsync(await Consumer.ClaimOneAsync());

        (await Consumer.DrainAsync()).Should().Equal("a", "b");
    }
}
