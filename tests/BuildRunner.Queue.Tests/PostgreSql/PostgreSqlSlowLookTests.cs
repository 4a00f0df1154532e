using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.PostgreSql;

/// <summary>Where a look at all that is ready has become slow, because somebody leaves a transaction open, most claims begin where the last one left off.</summary>
[Slow]
public sealed class PostgreSqlSlowLookTests : IAsyncLifetime
{
    // Of the second that the next look at all is away at the most, so many looks at the time are more than there are.
    private const int MoreThanASecond = 50;

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(30);

    private readonly PostgreSqlFixture _fixture = new();
    private RelationalQueueEngine _engine = null!;

    private Consumer Consumer => new(_engine);

    public async ValueTask InitializeAsync()
    {
        await _fixture.InitializeAsync();
        _engine = new RelationalQueueEngine(_fixture.OpenDatabase("", new SteppedTime(Slow)), TimeProvider.System);
        await _engine.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task What_others_write_with_an_earlier_time_is_found_by_the_next_look_at_all()
    {
        await Consumer.ClaimAsync();
        await _fixture.ExecuteAsync("INSERT INTO queue_messages (topic, partition_key, id, payload) VALUES ('orders', 'p', 'theirs', ''); INSERT INTO queue_partitions (topic, partition_key, ready_at) VALUES ('orders', 'p', 0);");

        (await Consumer.ClaimAsync()).Should().BeEmpty("this look begins where the last one left off");

        List<string> claimed = [];
        for (var i = 0; i < MoreThanASecond && claimed.Count == 0; i++)
        {
            claimed.AddRange(await Consumer.ClaimIdsAsync());
        }

        claimed.Should().Equal("theirs");
    }

    [Fact]
    public async Task What_was_published_by_now_is_found_at_once()
    {
        await Consumer.ClaimAsync();
        await using var other = await _fixture.OpenAsync();
        await new Consumer(other).PublishAsync("now", "p");
        await new Consumer(other).PublishAsync("later", "q", TimeSpan.FromMinutes(1));

        (await Consumer.ClaimIdsAsync()).Should().Equal("now");
        await _fixture.AdvanceAsync(TimeSpan.FromMinutes(1));
        (await Consumer.ClaimIdsAsync()).Should().Equal("later");
    }

    [Fact]
    public async Task What_a_settlement_shows_that_was_due_long_ago_is_found_at_once()
    {
        await Consumer.PublishAllAsync([Consumer.MessageOf("a"), Consumer.MessageOf("b"), Consumer.MessageOf("c")]);
        await _fixture.AdvanceAsync(TimeSpan.FromMinutes(1));

        (await Consumer.DrainAsync()).Should().Equal("a", "b", "c");
    }

    [Fact]
    public async Task What_is_ready_and_more_than_was_asked_for_is_found_at_once()
    {
        await Consumer.PublishAllAsync(Enumerable.Range(0, 9).Select(static i => Consumer.MessageOf($"m{i}", $"p{i}")));
        await _fixture.AdvanceAsync(TimeSpan.FromMinutes(1));

        for (var i = 0; i < 9; i++)
        {
            (await Consumer.ClaimIdsAsync(limit: 1)).Should().Equal($"m{i}");
        }
    }
}
