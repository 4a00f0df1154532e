namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q7: a message has one holder at a time, and is delivered again if its holder is gone.</summary>
public abstract class LeaseSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : EngineFixture, new()
{
    [Fact]
    public async Task An_expired_lease_is_told_and_whether_it_made_a_dead_letter()
    {
        await Consumer.PublishAsync("a");
        List<ExpiredLease> expired = [];
        for (var round = 0; round < 4; round++)
        {
            await Consumer.ClaimAsync();
            await Fixture.AdvanceAsync(Consumer.LeaseDuration * 10);
            expired.AddRange((await Consumer.RunRoundAsync(limit: 1)).ExpiredLeases);
            await Fixture.AdvanceAsync(Consumer.LeaseDuration * 10);
        }

        MessageKey key = new() { PartitionKey = "p", Id = "a" };
        expired.Should().Equal(new ExpiredLease(key, false), new ExpiredLease(key, false), new ExpiredLease(key, false), new ExpiredLease(key, true));
        (await Consumer.DeadLettersAsync()).Should().ContainSingle();
    }

    [Fact]
    public async Task A_message_is_settled_once()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();

        (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Applied);
        (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Stale);
    }

    [Theory]
    [InlineData(OutcomeKind.Done)]
    [InlineData(OutcomeKind.Postpone)]
    [InlineData(OutcomeKind.Retry)]
    [InlineData(OutcomeKind.Reject)]
    [InlineData(OutcomeKind.HandBack)]
    internal async Task After_any_settle_the_old_lease_changes_nothing(OutcomeKind kind)
    {
        await Consumer.PublishAsync("a");
        var old = await Consumer.ClaimOneAsync();
        await Consumer.PostponeAsync(old, TimeSpan.Zero);
        var current = await Consumer.ClaimOneAsync();

        (await Consumer.SettleAsync(old, ResolutionOf(kind))).Should().Be(LeaseResult.Stale);
        (await Consumer.RenewAsync(old)).Should().Be(LeaseResult.Stale);
        (await Consumer.DoneAsync(current)).Should().Be(LeaseResult.Applied);
    }

    [Fact]
    public async Task A_lease_that_has_ended_changes_nothing_although_nobody_else_has_the_message()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        await LetLeasesEndAsync();

        (await Consumer.RenewAsync(claim)).Should().Be(LeaseResult.Stale);
        (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Stale);
        (await Fixture.SizeAsync()).Messages.Should().Be(1);
    }

    [Fact]
    public async Task A_zombie_does_not_renew_over_a_new_holder()
    {
        await Consumer.PublishAsync("a");
        var zombie = await Consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        var holder = await ClaimExpiredAsync(Consumer);

        (await Consumer.RenewAsync(zombie)).Should().Be(LeaseResult.Stale);
        await AdvanceAsync(Consumer.LeaseDuration - Millisecond);
        (await Consumer.DoneAsync(holder)).Should().Be(LeaseResult.Applied);
    }

    [Fact]
    public async Task A_renewed_lease_lasts()
    {
        await Consumer.PublishAsync("a");
        var claim = await Consumer.ClaimOneAsync();
        for (var i = 0; i < 10; i++)
        {
            await AdvanceAsync(Consumer.LeaseDuration - Millisecond);
            (await Consumer.RenewAsync(claim)).Should().Be(LeaseResult.Applied);
        }

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        (await Consumer.DoneAsync(claim)).Should().Be(LeaseResult.Applied);
    }

    [Fact]
    public async Task A_lease_is_not_over_a_moment_before_its_end()
    {
        await Consumer.PublishAsync("a");
        await Consumer.ClaimOneAsync();
        await AdvanceAsync(Consumer.LeaseDuration - Millisecond);

        (await Consumer.ClaimAsync()).Should().BeEmpty();
        (await Fixture.SizeAsync()).Messages.Should().Be(1);
    }

    [Fact]
    public async Task A_message_whose_holder_is_gone_is_delivered_to_another()
    {
        var other = await OpenConsumerAsync();
        await Consumer.PublishAsync("a");
        await Consumer.ClaimOneAsync();
        await LetLeasesEndAsync();

        var claim = await ClaimExpiredAsync(other);

        claim.Delivery.Should().Match<Delivery>(delivery => delivery.Attempt == 1 && delivery.Deliveries == 2 && delivery.Redelivered);
        claim.IsQuarantined.Should().BeTrue();
    }

    [Fact]
    public async Task An_expired_message_steps_aside_and_backs_off()
    {
        Consumer consumer = new(Consumer.Engine) { Policy = new RetryPolicy(3, TimeSpan.FromHours(1000), TimeSpan.FromHours(1000)) };
        await consumer.PublishAsync("a");
        await consumer.PublishAsync("b");
        await consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        await consumer.ClaimAsync(0);
        await consumer.ClaimAsync();

        (await consumer.DrainAsync()).Should().NotContain("a");
    }

    [Fact]
    public async Task The_first_expiry_is_not_counted_and_that_of_a_quarantined_message_is()
    {
        await Consumer.PublishAsync("a");
        await Consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        var second = await ClaimExpiredAsync(Consumer);
        await LetLeasesEndAsync();
        var third = await ClaimExpiredAsync(Consumer);

        second.Delivery.Attempt.Should().Be(1);
        third.Delivery.Attempt.Should().Be(2);
    }

    [Fact]
    public async Task A_message_that_always_expires_becomes_a_dead_letter()
    {
        await Consumer.PublishAsync("a");
        await Consumer.ClaimOneAsync();
        for (var i = 0; i < Consumer.Policy.MaxAttempts; i++)
        {
            await LetLeasesEndAsync();
            await ClaimExpiredAsync(Consumer);
        }

        await LetLeasesEndAsync();
        await Consumer.ClaimAsync();

        var letter = (await Consumer.DeadLettersAsync()).Should().ContainSingle().Subject;
        letter.Cause!.Attempts.Should().Be(Consumer.Policy.MaxAttempts);
        letter.Cause.Failure.Should().Be(LeaseExpiry.Failure);
        (await Consumer.ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_publish_before_the_last_expiry_leaves_a_fresh_message()
    {
        Consumer consumer = new(Consumer.Engine) { Policy = new RetryPolicy(1, TimeSpan.Zero, TimeSpan.Zero) };
        await consumer.PublishAsync("a");
        await consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        await ClaimExpiredAsync(consumer);
        await consumer.PublishAsync("a");
        await LetLeasesEndAsync();

        var claim = await ClaimExpiredAsync(consumer);

        claim.IsQuarantined.Should().BeFalse();
        claim.Delivery.Deliveries.Should().Be(1);
        (await consumer.DeadLettersAsync()).Should().ContainSingle();
    }

    [Theory]
    [InlineData(OutcomeKind.Postpone)]
    [InlineData(OutcomeKind.Retry)]
    internal async Task An_ordinary_settle_clears_the_suspicion(OutcomeKind kind)
    {
        await Consumer.PublishAsync("a");
        await Consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        await Consumer.SettleAsync(await ClaimExpiredAsync(Consumer), ResolutionOf(kind));

        var claim = (await Consumer.ClaimAsync(takesQuarantined: false)).Should().ContainSingle().Subject;

        claim.IsQuarantined.Should().BeFalse();
        claim.Delivery.Redelivered.Should().BeFalse();
    }

    [Fact]
    public async Task A_hand_back_leaves_the_suspicion()
    {
        await Consumer.PublishAsync("a");
        await Consumer.ClaimOneAsync();
        await LetLeasesEndAsync();
        await Consumer.HandBackAsync(await ClaimExpiredAsync(Consumer));

        (await Consumer.ClaimOneAsync()).IsQuarantined.Should().BeTrue();
    }

    [Fact]
    public async Task Suspects_come_one_at_a_time_beside_the_ordinary_traffic()
    {
        await LetManyExpireAsync(20);
        for (var i = 0; i < 5; i++)
        {
            await Consumer.PublishAsync("fresh", $"fresh-{i}");
        }

        var claims = await Consumer.ClaimAsync();
        var more = await Consumer.RunRoundAsync(10);

        claims.Should().HaveCount(6).And.ContainSingle(claim => claim.IsQuarantined);
        more.Claims.Should().BeEmpty();
        more.IsMore.Should().BeFalse("what it may not claim is no reason to look again");
        more.NextDueIn.Should().NotBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task Suspects_do_not_fill_the_batch()
    {
        await LetManyExpireAsync(50);
        await Consumer.PublishAsync("fresh", "fresh");

        (await Consumer.ClaimAsync(1)).Should().ContainSingle(claim => claim.Delivery.Message.Id == "fresh");
    }

    [Slow]
    [Fact]
    public async Task A_message_that_kills_its_process_is_dead_lettered_alone()
    {
        const int Innocent = 499;
        await Consumer.PublishAllAsync(Enumerable.Range(0, Innocent).Select(static i => Consumer.MessageOf("innocent", $"{i}")));
        await Consumer.PublishAsync("poison", "poison");
        Consumer consumer = new(Consumer.Engine) { Policy = new RetryPolicy(3, TimeSpan.Zero, TimeSpan.Zero) };
        var finished = 0;
        for (var round = 0; round < 10 * Innocent && finished < Innocent; round++)
        {
            finished += await HandleOrDieAsync(consumer);
        }

        for (var round = 0; round < 10; round++)
        {
            finished += await HandleOrDieAsync(consumer);
        }

        finished.Should().Be(Innocent);
        (await consumer.DeadLettersAsync()).Should().ContainSingle(letter => letter.Message.Id == "poison");
    }

    private static Outcome ResolutionOf(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Done => Outcome.Done,
        OutcomeKind.Postpone => Outcome.Postpone(TimeSpan.Zero),
        OutcomeKind.Retry => Outcome.RetryAfter(TimeSpan.Zero, new Failure("failed")),
        OutcomeKind.Reject => Outcome.Reject(new Failure("failed")),
        _ => Outcome.HandBack,
    };

    /// <summary>The expiry, and when the pause after it is over the claim.</summary>
    private async Task<Claim> ClaimExpiredAsync(Consumer consumer)
    {
        var claims = await consumer.ClaimAsync();
        if (claims.Count == 0)
        {
            await AdvanceAsync(consumer.Policy.MaxDelay);
            claims = await consumer.ClaimAsync();
        }

        return claims.Should().ContainSingle().Subject;
    }

    private async Task LetManyExpireAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Consumer.PublishAsync("expired", $"expired-{i}");
        }

        (await Consumer.ClaimAsync(count)).Should().HaveCount(count);
        await LetLeasesEndAsync();
        await Consumer.HandBackAllAsync(await Consumer.ClaimAsync(count));
        await AdvanceAsync(Consumer.Policy.MaxDelay);
    }

    /// <summary>Claims everything; dies of the poison, or else finishes all of it.</summary>
    private async Task<int> HandleOrDieAsync(Consumer consumer)
    {
        var claims = await consumer.ClaimAsync(500);
        claims.Should().NotContain(static claim => claim.Delivery.Message.Id == "innocent" && claim.Delivery.Attempt > 1);
        if (claims.Any(claim => claim.Delivery.Message.Id == "poison"))
        {
            await LetLeasesEndAsync();
            return 0;
        }

        await consumer.RunRoundAsync(settlements: [.. claims.Select(claim => new Settlement(claim.Lease, Outcome.Done))]);
        return claims.Count;
    }
}
