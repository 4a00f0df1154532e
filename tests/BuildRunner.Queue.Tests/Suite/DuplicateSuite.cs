namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rules Q2 and Q2b: a duplicate never delays, may hasten, and does not shorten a backoff.</summary>
public abstract class DuplicateSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Fact]
    public async Task A_duplicate_hastens_a_waiting_message()
    {
        await Consumer.PublishAsync("a", delay: Minute);
        await Consumer.PublishAsync("a", delay: Second);
        await AdvanceAsync(Second);

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task Of_many_messages_that_are_published_at_once_those_that_are_known_are_hastened_and_the_others_stored()
    {
        await Consumer.PublishAsync("m0", "p0");
        await Consumer.PublishAsync("m1", "p1", Minute);
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("other", "p2", Minute);

        var results = await Consumer.Engine.PublishAsync([.. Enumerable.Range(0, 40).Select(static i => new OutgoingMessage(Consumer.DefaultTopic, Consumer.MessageOf($"m{i}", $"p{i}"), i == 39 ? Second : default))], CancellationToken.None);

        results.Should().Equal(Enumerable.Range(0, 40).Select(static i => i < 2 ? PublishResult.Duplicate : PublishResult.Stored));
        (await Consumer.ClaimIdsAsync(100)).Should().BeEquivalentTo(Enumerable.Range(1, 38).Select(static i => $"m{i}"));
        await Consumer.DoneAsync(claim);
        (await Consumer.ClaimIdsAsync(100)).Should().Equal("m0");
        await AdvanceAsync(Second);
        (await Consumer.ClaimIdsAsync(100)).Should().Equal("m39");
    }

    [Fact]
    public async Task A_duplicate_does_not_delay_a_waiting_message()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("a", delay: Minute);

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_duplicate_hastens_a_postponed_message()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);
        await Consumer.PublishAsync("a");

        (await Consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task A_publish_while_the_message_is_handled_is_not_lost_when_that_is_done()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        (await Consumer.PublishAsync("a")).Should().Be(PublishResult.Duplicate);
        await Consumer.DoneAsync(claim);

        var again = await Consumer.ClaimOneAsync();

        again.Delivery.Attempt.Should().Be(1);
        again.Delivery.Deliveries.Should().Be(1);
        again.Delivery.Redelivered.Should().BeFalse();
        await Consumer.DoneAsync(again);
        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_publish_after_a_delay_while_the_message_is_handled_does_not_come_early()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("a", delay: Minute);
        await Consumer.DoneAsync(claim);
        await AdvanceAsync(Minute - Millisecond);

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Millisecond);
        (await Consumer.ClaimAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task The_earliest_time_counts_of_several_publishes_while_the_message_is_handled()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("a", delay: Minute);
        await Consumer.PublishAsync("a", delay: Second);
        await Consumer.PublishAsync("a", delay: Minute);
        await Consumer.DoneAsync(claim);
        await AdvanceAsync(Second);

        (await Consumer.ClaimAsync()).Should().HaveCount(1);
    }

    [Fact]
    public async Task A_postpone_after_a_publish_ends_at_the_earlier_of_the_two_times()
    {
        await Consumer.PublishAsync("early");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("early", delay: Second);
        await Consumer.PostponeAsync(claim, Minute);
        await Consumer.PublishAsync("late", "q");
        claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("late", "q", Minute);
        await Consumer.PostponeAsync(claim, Second);
        await AdvanceAsync(Second);

        (await Consumer.ClaimIdsAsync()).Should().BeEquivalentTo("early", "late");
    }

    [Fact]
    public async Task A_publish_while_the_message_is_handled_leaves_a_fresh_one_beside_the_dead_letter()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("a", delay: Second);
        await Consumer.DeadLetterAsync(claim);
        await AdvanceAsync(Second);

        (await Consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(1);
        (await Consumer.DeadLettersAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task A_wake_is_forgotten_by_the_next_claim()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("a", delay: Second);
        await Consumer.HandBackAsync(claim);
        await Consumer.DoneAsync(await Consumer.ClaimOneAsync());

        (await Fixture.SizeAsync()).Should().Be((0, 0));
    }

    [Fact]
    public async Task A_wake_before_a_postpone_does_not_fire_after_it()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("a");
        await Consumer.PostponeAsync(claim, Minute);
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);

        (await Consumer.ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_duplicate_does_not_shorten_the_backoff_after_a_failure()
    {
        await Consumer.PublishAsync("a");
        await Consumer.RetryAsync(await Consumer.ClaimOneAsync(), Minute);
        await Consumer.PublishAsync("a");

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        await AdvanceAsync(Minute);
        (await Consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_publish_while_a_message_is_handled_that_fails_does_not_shorten_the_backoff()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("a");
        await Consumer.RetryAsync(claim, Minute);

        (await Consumer.ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_duplicate_does_not_shorten_the_backoff_after_an_expiry()
    {
        Consumer consumer = new(Consumer.Engine) { Policy = new RetryPolicy(3, TimeSpan.FromHours(1000), TimeSpan.FromHours(1000)) };
        await consumer.PublishAsync("a");
        await consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        await consumer.ClaimAsync();
        await consumer.PublishAsync("a");

        (await consumer.ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_duplicate_hastens_again_when_the_backoff_is_over()
    {
        await Consumer.PublishAsync("a");
        await Consumer.RetryAsync(await Consumer.ClaimOneAsync());
        await Consumer.PostponeAsync(await Consumer.ClaimOneAsync(), Minute);
        await Consumer.PublishAsync("a");

        (await Consumer.ClaimAsync()).Should().HaveCount(1);
    }

    [Slow]
    [Fact]
    public async Task A_message_that_is_published_by_its_own_handler_goes_round_a_thousand_times()
    {
        await Consumer.PublishAsync("a");
        for (var round = 0; round < 1000; round++)
        {
            var claim = await Consumer.ClaimOneAsync();
            await Consumer.PublishAsync("a", delay: Second);
            (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Applied);
            await AdvanceAsync(Second);
        }

        (await Consumer.ClaimOneAsync()).Delivery.Attempt.Should().Be(1);
    }

    [Fact]
    public async Task A_duplicate_of_another_message_of_a_leased_partition_hastens_that_one()
    {
        await Consumer.PublishAsync("a");
        await Consumer.PublishAsync("b", delay: Minute);
        var claim = await Consumer.ClaimOneAsync();
        await Consumer.PublishAsync("b");
        await Consumer.DoneAsync(claim);

        (await Consumer.ClaimIdsAsync()).Should().Equal("b");
    }

    [Fact]
    public async Task A_message_that_is_hastened_to_the_moment_of_a_quarantined_message_goes_before_it_where_it_was_published_first()
    {
        Consumer withoutPause = new(Consumer.Engine) { Policy = Consumer.Policy with { BaseDelay = TimeSpan.Zero } };
        await withoutPause.PublishAsync("a", delay: Minute);
        await withoutPause.PublishAsync("b");
        (await withoutPause.ClaimIdsAsync()).Should().Equal("b");
        await LetLeasesEndAsync();
        (await withoutPause.ClaimAsync(takesQuarantined: false)).Should().BeEmpty("it is quarantined from now on");

        await withoutPause.PublishAsync("a");

        (await withoutPause.ClaimIdsAsync(takesQuarantined: false)).Should().Equal("a");
    }
}
