using BuildRunner.Relational;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>Rule Q12.</summary>
public sealed class RetryTests
{
    private static readonly OutgoingMessage[] One = [new("t", Consumer.MessageOf("a"))];

    private readonly DateTimeOffset _began = new FakeTimeProvider().GetUtcNow();

    [Fact]
    public async Task What_fails_for_a_passing_reason_is_tried_again()
    {
        BrokenDatabase database = new(4, isTransient: true);
        await using QueueEngine engine = new(database, TimeProvider.System);

        await engine.PublishAsync(One, CancellationToken.None);

        database.Tries.Should().Be(5);
    }

    [Fact]
    public async Task What_fails_again_and_again_fails_with_the_exception_of_the_driver()
    {
        BrokenDatabase database = new(int.MaxValue, isTransient: true);
        await using QueueEngine engine = new(database, TimeProvider.System);

        var publish = () => engine.PublishAsync(One, CancellationToken.None);

        await publish.Should().ThrowAsync<TimeoutException>();
        database.Tries.Should().Be(5);
    }

    [Fact]
    public async Task A_start_that_fails_for_a_passing_reason_is_tried_again()
    {
        await using QueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = 4 }, TimeProvider.System);

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().NotThrowAsync();
    }

    [Theory(Timeout = 600_000)]
    [InlineData(FailureKind.Transient)]
    [InlineData(FailureKind.ReadOnly)]
    [InlineData(FailureKind.TimedOut)]
    internal async Task A_start_waits_for_a_server_that_starts_later_than_the_program(FailureKind kind)
    {
        FakeTimeProvider time = new();
        BrokenDatabase database = new(0, isTransient: true) { Kind = kind, MigrationFailures = 10 };
        await using QueueEngine engine = new(database, time);

        await UntilAsync(time, engine.StartAsync(TestContext.Current.CancellationToken));

        database.MigrationFailures.Should().BeLessThan(0);
        (time.GetUtcNow() - _began).Should().BeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact(Timeout = 600_000)]
    public async Task A_start_gives_up_after_its_time_and_a_publish_without_one_at_once()
    {
        FakeTimeProvider time = new();
        await using QueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = int.MaxValue }, time) { StartTimeout = TimeSpan.FromMinutes(3) };

        var publish = () => UntilAsync(time, engine.PublishAsync(One, TestContext.Current.CancellationToken));
        var start = () => UntilAsync(time, engine.StartAsync(TestContext.Current.CancellationToken));

        await publish.Should().ThrowAsync<TimeoutException>();
        (time.GetUtcNow() - _began).Should().BeLessThan(TimeSpan.FromSeconds(5));
        await start.Should().ThrowAsync<TimeoutException>();
        (time.GetUtcNow() - _began).Should().BeGreaterThanOrEqualTo(TimeSpan.FromMinutes(3)).And.BeLessThan(TimeSpan.FromMinutes(4));
    }

    [Fact]
    public async Task A_start_that_has_no_time_does_not_wait()
    {
        await using QueueEngine engine = new(new BrokenDatabase(0, isTransient: false) { Kind = FailureKind.TimedOut, MigrationFailures = 1 }, new FakeTimeProvider()) { StartTimeout = TimeSpan.Zero };

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().ThrowAsync<TimeoutException>();
    }

    [Fact(Timeout = 600_000)]
    public async Task Whoever_comes_while_the_server_does_not_answer_waits_for_the_same_try()
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        BrokenDatabase database = new(0, isTransient: false) { Kind = FailureKind.TimedOut, MigrationFailures = int.MaxValue, Answer = answer.Task };
        await using QueueEngine engine = new(database, TimeProvider.System);

        var publishes = Enumerable.Range(0, 5).Select(_ => engine.PublishAsync(One, TestContext.Current.CancellationToken)).ToList();
        answer.SetResult();

        foreach (var publish in publishes)
        {
            await publish.Awaiting(static it => it).Should().ThrowAsync<TimeoutException>();
        }

        database.Migrations.Should().Be(1);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_start_whose_token_ends_leaves_the_others_waiting()
    {
        FakeTimeProvider time = new();
        using CancellationTokenSource stop = new();
        await using QueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = 10 }, time);
        var impatient = engine.StartAsync(stop.Token);
        var patient = engine.StartAsync(TestContext.Current.CancellationToken);

        await stop.CancelAsync();

        await impatient.Awaiting(static start => start).Should().ThrowAsync<OperationCanceledException>();
        await UntilAsync(time, patient);
    }

    [Fact(Timeout = 600_000)]
    public async Task A_start_waits_no_longer_when_the_engine_is_disposed()
    {
        QueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = int.MaxValue }, new FakeTimeProvider());
        var starting = engine.StartAsync(TestContext.Current.CancellationToken);

        await engine.DisposeAsync();

        await starting.Awaiting(static start => start).Should().ThrowAsync<OperationCanceledException>();
    }

    [Theory]
    [InlineData(FailureKind.Permanent)]
    [InlineData(FailureKind.Content)]
    internal async Task A_start_does_not_wait_for_what_waiting_does_not_help(FailureKind kind)
    {
        await using QueueEngine engine = new(new BrokenDatabase(0, isTransient: false) { Kind = kind, MigrationFailures = 1 }, new FakeTimeProvider());

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().ThrowAsync<TimeoutException>();
    }

    [Fact]
    public async Task A_start_that_waits_ends_with_its_token()
    {
        using CancellationTokenSource stop = new();
        await using QueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = int.MaxValue }, new FakeTimeProvider());
        var starting = engine.StartAsync(stop.Token);

        await stop.CancelAsync();

        await starting.Awaiting(static start => start).Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task What_fails_for_good_is_tried_once()
    {
        BrokenDatabase database = new(int.MaxValue, isTransient: false);
        await using QueueEngine engine = new(database, TimeProvider.System);

        var publish = () => engine.PublishAsync(One, CancellationToken.None);

        await publish.Should().ThrowAsync<TimeoutException>();
        database.Tries.Should().Be(1);
    }

    [Theory]
    [InlineData(Loss.None, 40)]
    [InlineData(Loss.BeforeTheWrite, 80)]
    [InlineData(Loss.AfterTheCommit, 40)]
    public async Task A_round_says_how_long_the_try_that_was_committed_had_waited(Loss loss, int expected)
    {
        await using SqliteFixture fixture = new();
        await fixture.InitializeAsync();
        LosingDatabase losing = new(fixture.OpenDatabase());
        FakeTimeProvider time = new();
        await using QueueEngine engine = new(losing, TimeProvider.System);
        Consumer other = new(engine);
        await other.PublishAsync("a");
        QueueEngine slow = new(new WaitingDatabase(losing, () => time.Advance(TimeSpan.FromSeconds(40))), new NoPauses(time));
        losing.LoseNext(loss);

        var result = await new Consumer(slow).RunRoundAsync(limit: 1);

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

    /// <summary>Lets time go on until something has ended.</summary>
    private static async Task UntilAsync(FakeTimeProvider time, Task task)
    {
        while (!task.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        await task;
    }
}
