namespace BuildRunner.Orchestration.Tests.Runners;

public sealed class RunnerRateTests
{
    [Theory]
    [InlineData(0.0001)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(30)]
    [InlineData(333.3)]
    [InlineData(1001)]
    [InlineData(1_000_000)]
    public void The_bucket_is_filled_in_whole_milliseconds_and_no_faster_than_the_rate(double rate)
    {
        var limit = RunnerRate.LimitOf(rate);

        (limit.ReplenishmentPeriod.Ticks % TimeSpan.TicksPerMillisecond).Should().Be(0, "the timer cuts off what is beyond");
        (limit.TokensPerPeriod / limit.ReplenishmentPeriod.TotalSeconds).Should().BeLessThanOrEqualTo(rate * 1.000001).And.BeGreaterThan(rate * 0.9);
        limit.TokenLimit.Should().Be((int)Math.Max(1, rate));
    }

    [Fact]
    public async Task A_turn_of_two_calls_is_let_with_one_at_hand_and_the_next_pays_for_it()
    {
        using RunnerRate rate = new(0.0001);

        (await rate.TryTakeAsync(calls: 2, TimeSpan.Zero, CancellationToken.None)).Should().BeTrue();
        (await rate.TryTakeAsync(calls: 1, TimeSpan.Zero, CancellationToken.None)).Should().BeFalse();
    }

    [Fact]
    public async Task However_many_wait_for_what_is_owed_have_their_turn()
    {
        using RunnerRate rate = new(20);
        for (var turn = 0; turn < 19; turn++)
        {
            await rate.TryTakeAsync(calls: 1, TimeSpan.Zero, CancellationToken.None);
        }

        await rate.TryTakeAsync(calls: 2, TimeSpan.Zero, CancellationToken.None);
        var turns = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => rate.TryTakeAsync(calls: 1, Timeout.InfiniteTimeSpan, CancellationToken.None)));

        turns.Should().OnlyContain(static isTurn => isTurn);
    }

    [Fact]
    public async Task What_two_calls_owe_is_paid_before_the_next_is_let()
    {
        var limit = RunnerRate.LimitOf(3);
        limit.AutoReplenishment = false;
        using RunnerRate rate = new(limit);
        await rate.TryTakeAsync(calls: 2, TimeSpan.Zero, CancellationToken.None);

        (await rate.TryTakeAsync(calls: 1, TimeSpan.Zero, CancellationToken.None)).Should().BeTrue();
        (await rate.TryTakeAsync(calls: 1, TimeSpan.Zero, CancellationToken.None)).Should().BeFalse("three come at once");
    }
}
