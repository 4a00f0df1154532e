using BuildRunner.Queue.Tests.Relational;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q12: what the database does not want to store, as by a constraint that somebody has added, holds up its own message alone.</summary>
public abstract class RefusedContentSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : SqlFixture, new()
{
    private const int Messages = 9;

    [Fact]
    public async Task A_failure_whose_text_is_refused_makes_a_dead_letter_without_it_and_all_others_are_settled()
    {
        await Fixture.RefuseMessagesUnlessAsync("failure_reason IS NULL OR failure_reason <> 'bad'");
        var claims = await ClaimManyAsync();

        var result = await Consumer.RunRoundAsync(limit: 1, settlements: [.. claims.Select((claim, i) => new Settlement(claim.Lease, i == 4 ? Outcome.Reject(new Failure("bad")) : Outcome.Done))]);

        result.Settlements.Should().HaveCount(Messages).And.AllBeEquivalentTo(LeaseResult.Applied);
        result.Claims.Should().ContainSingle("the round went on to claim");
        var letter = (await Consumer.DeadLettersAsync()).Should().ContainSingle().Subject;
        letter.Message.Id.Should().Be(Consumer.IdOf(claims[4]));
        letter.Cause!.Failure.Reason.Should().NotBe("bad").And.NotBeEmpty();
    }

    [Fact]
    public async Task A_settlement_that_is_refused_is_left_to_the_end_of_its_lease_and_all_others_are_done()
    {
        await Fixture.RefuseMessagesUnlessAsync("id <> 'm3' OR deliveries = 0");
        var claims = await ClaimManyAsync();
        var bad = claims.Single(static claim => Consumer.IdOf(claim) == "m3");

        var result = await Consumer.RunRoundAsync(settlements: [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.RetryAfter(Minute, new Failure("no"))))]);

        result.Settlements.Where((_, i) => claims[i] != bad).Should().HaveCount(Messages - 1).And.AllBeEquivalentTo(LeaseResult.Applied);
        result.Settlements[claims.ToList().IndexOf(bad)].Should().Be(LeaseResult.Stale);
        (await Consumer.RenewAsync(bad)).Should().Be(LeaseResult.Applied, "its lease goes on until it ends");
    }

    [Fact]
    public async Task A_lease_whose_end_is_refused_as_well_holds_up_its_own_partition_alone_until_the_database_takes_it()
    {
        await Fixture.RefuseMessagesUnlessAsync("id <> 'm3' OR deliveries = 0");
        var claims = await ClaimManyAsync();
        var other = claims.Single(static claim => Consumer.IdOf(claim) == "m5");
        await AdvanceAsync(Consumer.LeaseDuration - Second);
        await Consumer.RenewAsync(other);
        await AdvanceAsync(Second);

        var result = await Consumer.RunRoundAsync(limit: Messages, takesQuarantined: true, renewals: [other.Lease]);

        result.Claims.Select(Consumer.IdOf).Should().Equal("next");
        result.Renewals.Should().Equal(LeaseResult.Applied);
        result.ExpiredLeases.Select(static expired => expired.Message.Id).Should().BeEquivalentTo(claims.Select(Consumer.IdOf).Except(["m3", "m5"]));
        result.IsMore.Should().BeFalse("what is refused waits");
        await Fixture.TakeMessagesAsync();
        await AdvanceAsync(Consumer.Policy.MaxDelay);
        (await Consumer.RunRoundAsync(Messages)).ExpiredLeases.Should().Contain(static expired => expired.Message.Id == "m3");
    }

    [Fact]
    public async Task A_dead_letter_that_is_refused_when_a_quarantined_message_expires_holds_up_its_own_partition_alone()
    {
        Consumer strict = new(await OpenAsync()) { Policy = new RetryPolicy(1, Second, Minute) };
        await strict.PublishAsync("bad", "p");
        await strict.ClaimOneAsync();
        await LetLeasesEndAsync();
        await strict.ClaimAsync();
        await AdvanceAsync(Second);
        (await strict.ClaimOneAsync()).IsQuarantined.Should().BeTrue();
        await Fixture.RefuseMessagesUnlessAsync("failure_reason IS NULL");
        await strict.PublishAsync("next", "q");
        await LetLeasesEndAsync();

        var ids = await strict.ClaimIdsAsync();

        ids.Should().Equal("next");
        await Fixture.TakeMessagesAsync();
        await AdvanceAsync(Minute);
        (await strict.RunRoundAsync(1, takesQuarantined: true)).ExpiredLeases.Should().Contain(static expired => expired.Message.Id == "bad" && expired.IsDeadLettered);
    }

    [Fact]
    public async Task What_was_settled_before_the_database_went_away_is_told()
    {
        var claims = await ClaimManyAsync();
        await Fixture.RefuseMessagesUnlessAsync($"id <> '{Consumer.IdOf(claims[^1])}' OR deliveries = 0");
        var transactions = 0;
        WaitingDatabase database = new(
            Fixture.OpenDatabase(),
            () =>
            {
                // All twice, then the first half.
                if (++transactions > 3)
                {
                    throw new InvalidOperationException("away");
                }
            });
        await using QueueEngine engine = new(database, TimeProvider.System);

        var result = await new Consumer(engine).RunRoundAsync(limit: 1, settlements: [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.RetryAfter(Minute, new Failure("no"))))]);

        result.Settlements.Should().Equal(Enumerable.Repeat(LeaseResult.Applied, 4).Concat(Enumerable.Repeat(LeaseResult.Busy, 5)));
        result.IsMore.Should().BeTrue();
    }

    [Fact]
    public async Task A_dead_letter_that_was_replaced_is_told_of_where_another_settlement_is_refused()
    {
        await Consumer.PublishAsync("m0", "p0");
        await Consumer.DeadLetterAsync(await Consumer.ClaimOneAsync());
        var claims = await ClaimManyAsync();
        await Fixture.RefuseMessagesUnlessAsync("id <> 'm3' OR deliveries = 0");

        var result = await Consumer.RunRoundAsync(settlements:
            [.. claims.Select(static claim => new Settlement(claim.Lease, Consumer.IdOf(claim) == "m0" ? Outcome.Reject(new Failure("again")) : Outcome.Postpone(Minute)))]);

        result.Replaced.Should().ContainSingle().Which.Id.Should().Be("m0");
    }

    private async Task<IReadOnlyList<Claim>> ClaimManyAsync()
    {
        await Consumer.PublishAllAsync(Enumerable.Range(0, Messages).Select(static i => Consumer.MessageOf($"m{i}", $"p{i}")));
        var claims = await Consumer.ClaimAsync(Messages);
        claims.Should().HaveCount(Messages);
        await Consumer.PublishAsync("next", "q");
        return claims;
    }
}
