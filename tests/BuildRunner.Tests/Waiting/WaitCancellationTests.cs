namespace BuildRunner.Tests.Waiting;

public sealed class WaitCancellationTests : IDisposable
{
    private readonly RecordingTimeProvider _clock = new();
    private readonly CancellationTokenSource _caller = new();

    public static TheoryData<WaitKind> Kinds => [.. Enum.GetValues<WaitKind>()];

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    public void Dispose() => _caller.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_token_that_is_cancelled_already_ends_the_wait_before_the_first_question(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Succeeded);
        await _caller.CancelAsync();

        await ExpectCancelledAsync(kind.RunAsync(runner, Options, _caller.Token));

        runner.Asked.Should().Be(0);
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Kinds))]
    public async Task A_question_that_is_under_way_is_abandoned(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Hangs);
        var wait = kind.RunAsync(runner, Options, _caller.Token);

        await _caller.CancelAsync();

        await ExpectCancelledAsync(wait, TestContext.Current.CancellationToken);
        runner.Tokens[0].Should().Be(_caller.Token);
        runner.Cancelled.Should().Be(0);
    }

    [Theory(Timeout = 600_000)]
    [MemberData(nameof(Kinds))]
    public async Task A_question_is_abandoned_also_where_the_runner_ignores_its_token(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.HangsForGood);
        var wait = kind.RunAsync(runner, Options, _caller.Token);

        await _caller.CancelAsync();

        await ExpectCancelledAsync(wait, TestContext.Current.CancellationToken);
        runner.Cancelled.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_delay_is_cut_off(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Running);
        var wait = kind.RunAsync(runner, Options, _caller.Token);
        await _clock.NextTimerAsync(wait);

        await _caller.CancelAsync();

        await ExpectCancelledAsync(wait);
        (runner.Asked, runner.Cancelled).Should().Be((1, 0));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task It_is_no_timeout_where_there_is_a_deadline_too(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Fails(Answer.Transient()));
        var wait = kind.RunAsync(runner, Options with { Timeout = TimeSpan.FromHours(1) }, _caller.Token);
        await _clock.NextTimerAsync(wait);
        await _clock.NextTimerAsync(wait);

        await _caller.CancelAsync();

        await ExpectCancelledAsync(wait);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Either_of_two_tokens_ends_a_watch(bool first)
    {
        using var other = new CancellationTokenSource();
        var runner = new ScriptedBuildRunner(Answer.Running);
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options, _caller.Token).ToListAsync(other.Token).AsTask();
        await _clock.NextTimerAsync(watch);

        await (first ? _caller : other).CancelAsync();

        Func<Task> act = () => watch;
        await act.Should().ThrowAsync<OperationCanceledException>();
    }

    [Fact]
    public async Task A_watch_that_is_cancelled_between_two_snapshots_asks_no_more()
    {
        var runner = new ScriptedBuildRunner(Answer.Running);
        await using var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options, _caller.Token).GetAsyncEnumerator(CancellationToken.None);
        await watch.MoveNextAsync();
        await _caller.CancelAsync();

        await ExpectCancelledAsync(watch.MoveNextAsync().AsTask());

        runner.Asked.Should().Be(1);
    }

    private async Task ExpectCancelledAsync(Task wait, CancellationToken giveUp = default)
    {
        Func<Task> act = () => wait.WaitAsync(giveUp);
        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(_caller.Token);
    }
}
