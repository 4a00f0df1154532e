namespace BuildRunner.Tests.Waiting;

public sealed class WaitCleanupTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private readonly RecordingTimeProvider _clock = new();
    private readonly CancellationTokenSource _caller = new();

    public static TheoryData<WaitKind> Kinds => [.. Enum.GetValues<WaitKind>()];

    private BuildWaitOptions Options => new() { TimeProvider = _clock, Timeout = Timeout };

    public void Dispose() => _caller.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_timer_is_left_after_the_end_of_the_build(WaitKind kind)
    {
        var wait = kind.RunAsync(new ScriptedBuildRunner(Answer.Running, Answer.Succeeded), Options, _caller.Token);
        await _clock.NextTimerAsync(wait);
        await _clock.PassDelayAsync(wait);

        await wait;

        _clock.LiveTimers.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_timer_is_left_after_an_error(WaitKind kind)
    {
        Func<Task> act = () => kind.RunAsync(new ScriptedBuildRunner(Answer.Fails(new BuildNotFoundException())), Options, _caller.Token);

        await act.Should().ThrowAsync<BuildNotFoundException>();

        _clock.LiveTimers.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_timer_is_left_after_the_deadline(WaitKind kind)
    {
        var wait = kind.RunAsync(new ScriptedBuildRunner(Answer.Of(BuildStatus.Running, 2 * Timeout)), Options, _caller.Token);
        await _clock.NextTimerAsync(wait);
        await _clock.NextTimerAsync(wait);
        _clock.Advance(Timeout);

        Func<Task> act = () => wait;

        await act.Should().ThrowAsync<TimeoutException>();
        _clock.LiveTimers.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task No_timer_is_left_after_the_token_was_cancelled(WaitKind kind)
    {
        var wait = kind.RunAsync(new ScriptedBuildRunner(Answer.Running), Options, _caller.Token);
        await _clock.NextTimerAsync(wait);
        await _clock.NextTimerAsync(wait);
        await _caller.CancelAsync();

        Func<Task> act = () => wait;

        await act.Should().ThrowAsync<OperationCanceledException>();
        _clock.LiveTimers.Should().Be(0);
    }

    [Fact]
    public async Task Nothing_is_asked_and_no_timer_is_left_after_the_consumer_has_stopped()
    {
        var runner = new ScriptedBuildRunner(Answer.Running, Answer.Succeeded);
        await foreach (var _ in runner.WatchAsync(ScriptedBuildRunner.Build, Options, _caller.Token))
        {
            break;
        }

        _clock.Advance(TimeSpan.FromHours(1));

        (runner.Asked, _clock.LiveTimers).Should().Be((1, 0));
    }
}
