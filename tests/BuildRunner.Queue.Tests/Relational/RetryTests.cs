using BuildRunner.Relational;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>Rule Q12.</summary>
public sealed class RetryTests
{
    private static readonly Publication[] One = [new("t", Consumer.MessageOf("a"))];

    [Fact]
    public async Task What_fails_for_a_passing_reason_is_tried_again()
    {
        BrokenDatabase database = new(4, isTransient: true);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        await engine.PublishAsync(One, CancellationToken.None);

        database.Tries.Should().Be(5);
    }

    [Fact]
    public async Task What_fails_again_and_again_fails_with_the_exception_of_the_driver()
    {
        BrokenDatabase database = new(int.MaxValue, isTransient: true);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        var publish = () => engine.PublishAsync(One, CancellationToken.None);

        await publish.Should().ThrowAsync<TimeoutException>();
        database.Tries.Should().Be(5);
    }

    [Fact]
    public async Task A_start_that_fails_for_a_passing_reason_is_tried_again()
    {
        await using RelationalQueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = 4 }, TimeProvider.System);

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().NotThrowAsync();
    }

    [Fact]
    public async Task What_fails_for_good_is_tried_once()
    {
        BrokenDatabase database = new(int.MaxValue, isTransient: false);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        var publish = () => engine.PublishAsync(One, CancellationToken.None);

        await publish.Should().ThrowAsync<TimeoutException>();
        database.Tries.Should().Be(1);
    }

    [Theory]
    [InlineData(Loss.None, 40)]
    [InlineData(Loss.BeforeTheWrite, 80)]
    [InlineData(Loss.AfterTheCommit, 40)]
    public async Task An_exchange_says_how_long_the_try_that_was_committed_had_waited(Loss loss, int expected)
    {
        await using SqliteFixture fixture = new();
        await fixture.InitializeAsync();
        LosingDatabase losing = new(fixture.OpenDatabase());
        FakeTimeProvider time = new();
        await using RelationalQueueEngine engine = new(losing, TimeProvider.System);
        Consumer other = new(engine);
        await other.PublishAsync("a");
        RelationalQueueEngine slow = new(new WaitingDatabase(losing, () => time.Advance(TimeSpan.FromSeconds(40))), new NoPauses(time));
        losing.LoseNext(loss);

        var result = await new Consumer(slow).ExchangeAsync(limit: 1);

        result.Claims.Should().ContainSingle();
        result.Waited.Should().Be(TimeSpan.FromSeconds(expected));
    }

    /// <summary>A clock that stands still until it is advanced, for who does not wait between tries.</summary>
    private sealed class NoPauses(FakeTimeProvider clock) : TimeProvider
    {
        public override long TimestampFrequency => clock.TimestampFrequency;

        public override long GetTimestamp() => clock.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
