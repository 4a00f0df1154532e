using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rule Q12: what the database does not want to store, as by a constraint that somebody has added, holds up its own message alone.</summary>
public abstract class RefusedContentSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : RowLockingFixture, new()
{
    private const int Messages = 9;

    [Fact]
    public async Task A_failure_whose_text_is_refused_makes_a_dead_letter_without_it_and_all_others_are_settled()
    {
        await Fixture.ExecuteAsync("ALTER TABLE queue_messages ADD CONSTRAINT refused CHECK (failure_reason IS NULL OR failure_reason <> 'bad')");
        var claims = await ClaimManyAsync();

        var result = await Consumer.ExchangeAsync(limit: 1, settlements: [.. claims.Select((claim, i) => new Settlement(claim.Lease, i == 4 ? Resolution.DeadLetter(new Failure("bad")) : Resolution.Done))]);

        result.Settlements.Should().HaveCount(Messages).And.AllBeEquivalentTo(LeaseResult.Applied);
        result.Claims.Should().ContainSingle("the exchange went on to claim");
        var letter = (await Consumer.DeadLettersAsync()).Should().ContainSingle().Subject;
        letter.Message.Id.Should().Be(Consumer.IdOf(claims[4]));
        letter.Cause!.Failure.Reason.Should().NotBe("bad").And.NotBeEmpty();
    }

    [Fact]
    public async Task A_settlement_that_is_refused_is_left_to_the_end_of_its_lease_and_all_others_are_done()
    {
        await Fixture.ExecuteAsync("ALTER TABLE queue_messages ADD CONSTRAINT refused CHECK (id <> 'm3' OR deliveries = 0)");
        var claims = await ClaimManyAsync();
        var bad = claims.Single(static claim => Consumer.IdOf(claim) == "m3");

        var result = await Consumer.ExchangeAsync(settlements: [.. claims.Select(static claim => new Settlement(claim.Lease, Resolution.Postpone(Minute)))]);

        result.Settlements.Where((_, i) => claims[i] != bad).Should().HaveCount(Messages - 1).And.AllBeEquivalentTo(LeaseResult.Applied);
        result.Settlements[claims.ToList().IndexOf(bad)].Should().Be(LeaseResult.Stale);
        (await Consumer.RenewAsync(bad)).Should().Be(LeaseResult.Applied, "its lease goes on until it ends");
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
