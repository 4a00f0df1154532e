using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Suite;

/// <summary>Rules Q6 and Q14 where a look at all that is ready has become slow, because somebody leaves a transaction open: most claims begin where the last one left off, and nothing is lost by it.</summary>
public abstract class SlowLookSuite<TFixture> : EngineSuite<TFixture>
    where TFixture : RowLockingFixture, new()
{
    // The next look at all is a second away at the most, which is fewer looks at the time than these.
    private const int MoreThanASecond = 50;

    [Fact]
    public async Task What_others_write_with_an_earlier_time_is_found_by_the_next_look_at_all()
    {
        var slow = OpenSlow();
        await slow.ClaimAsync();
        await Fixture.ExecuteAsync("INSERT INTO queue_messages (topic, partition_key, id, payload) VALUES ('orders', 'p', 'theirs', ''); INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('orders', 'p', 0);");

        (await slow.ClaimAsync()).Should().BeEmpty("this look begins where the last one left off");

        List<string> claimed = [];
        for (var i = 0; i < MoreThanASecond && claimed.Count == 0; i++)
        {
            claimed.AddRange(await slow.ClaimIdsAsync());
        }

        claimed.Should().Equal("theirs");
    }

    [Fact]
    public async Task What_was_published_by_now_is_found_at_once()
    {
        var slow = OpenSlow();
        await slow.ClaimAsync();
        await Consumer.PublishAsync("now", "p");
        await Consumer.PublishAsync("later", "q", Minute);

        (await slow.ClaimIdsAsync()).Should().Equal("now");
        await AdvanceAsync(Minute);
        (await slow.ClaimIdsAsync()).Should().Equal("later");
    }

    [Fact]
    public async Task What_was_published_after_the_last_look_is_found_at_once_however_long_ago_that_was()
    {
        var slow = OpenSlow();
        await Consumer.PublishAsync("first", "o");
        await slow.ClaimOneAsync();
        await Consumer.PublishAsync("missed", "p");
        await AdvanceAsync(Second);

        (await slow.ClaimIdsAsync()).Should().Equal("missed");
    }

    [Fact]
    public async Task What_a_settlement_shows_that_was_due_long_ago_is_found_at_once()
    {
        var slow = OpenSlow();
        await slow.PublishAllAsync([Consumer.MessageOf("a"), Consumer.MessageOf("b"), Consumer.MessageOf("c")]);
        await AdvanceAsync(Minute);

        (await slow.DrainAsync()).Should().Equal("a", "b", "c");
    }

    [Fact]
    public async Task What_is_ready_and_more_than_was_asked_for_is_found_at_once()
    {
        var slow = OpenSlow();
        await slow.PublishAllAsync(Enumerable.Range(0, 9).Select(static i => Consumer.MessageOf($"m{i}", $"p{i}")));
        await AdvanceAsync(Minute);

        for (var i = 0; i < 9; i++)
        {
            (await slow.ClaimIdsAsync(limit: 1)).Should().Equal($"m{i}");
        }
    }

    [Fact]
    public async Task What_a_look_may_have_missed_is_looked_for_within_a_second_although_nothing_is_due()
    {
        var slow = OpenSlow();
        await slow.ClaimAsync();

        var missed = await slow.RunRoundAsync(limit: 10);

        missed.NextDueIn.Should().BePositive().And.BeLessThanOrEqualTo(Second);
    }

    /// <summary>Opens the queue as a process to which each look takes long.</summary>
    private Consumer OpenSlow() => new(Disposed(new RelationalQueueEngine(Fixture.OpenDatabase(new SteppedTime(TimeSpan.FromMilliseconds(30))), TimeProvider.System)));
}
