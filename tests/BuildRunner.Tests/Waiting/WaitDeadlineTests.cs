namespace BuildRunner.Tests.Waiting;

public sealed class WaitDeadlineTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JustBefore = Timeout - TimeSpan.FromMilliseconds(1);

    private readonly RecordingTimeProvider _clock = new();

    private BuildWaitOptions Options => new() { TimeProvider = _clock, Timeout = Timeout };

    [Theory]
    [InlineData(WaitKind.Completion)]
    [InlineData(WaitKind.Watch)]
    public async Task It_ends_a_delay_at_the_exact_time(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Accepted);
        var wait = kind.RunAsync(runner, Options);
        (await _clock.NextTimerAsync(wait)).Should().Be(Timeout);
        await _clock.NextTimerAsync(wait);

        await ExpectTimeoutAsync(wait);

        (runner.Asked, runner.Cancelled).Should().Be((1, 0));
    }

    [Theory(Timeout = 600_000)]
    [InlineData(WaitKind.Completion)]
    [InlineData(WaitKind.Watch)]
    public async Task It_ends_a_question_that_hangs(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.Hangs);
        var wait = kind.RunAsync(runner, Options);

        await ExpectTimeoutAsync(wait, TestContext.Current.CancellationToken);

        (runner.Asked, runner.Cancelled).Should().Be((1, 0));
    }

    [Theory(Timeout = 600_000)]
    [InlineData(WaitKind.Completion)]
    [InlineData(WaitKind.Watch)]
    public async Task It_ends_a_question_to_a_runner_that_ignores_its_token(WaitKind kind)
    {
        var runner = new ScriptedBuildRunner(Answer.HangsForGood);
        var wait = kind.RunAsync(runner, Options);

        await ExpectTimeoutAsync(wait, TestContext.Current.CancellationToken);

        (runner.Asked, runner.Cancelled).Should().Be((1, 0));
    }

    [Fact]
    public async Task It_counts_from_the_start_and_not_from_the_last_question()
    {
        var halfASecond = TimeSpan.FromSeconds(0.5);
        var runner = new ScriptedBuildRunner(Answer.Of(BuildStatus.Running, halfASecond), Answer.Running);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);
        await _clock.NextTimerAsync(wait);
        await _clock.PassDelayAsync(wait);
        await _clock.NextTimerAsync(wait);

        await ExpectTimeoutAsync(wait);

        runner.Asked.Should().Be(2);
    }

    [Fact]
    public async Task An_end_before_it_is_no_timeout()
    {
        var runner = new ScriptedBuildRunner(Answer.Of(BuildStatus.Running, TimeSpan.FromSeconds(0.5)), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);
        await _clock.NextTimerAsync(wait);

        await _clock.PassDelayAsync(wait);

        (await wait).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task Its_exception_has_the_last_transient_error_inside()
    {
        var last = Answer.Transient();
        var runner = new ScriptedBuildRunner(Answer.Fails(Answer.Transient(TimeSpan.Zero)), Answer.Fails(last));
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);
        await _clock.NextTimerAsync(wait);
        await _clock.PassDelayAsync(wait);
        await _clock.NextTimerAsync(wait);

        var exception = await ExpectTimeoutAsync(wait);

        exception.InnerException.Should().BeSameAs(last);
    }

    [Fact]
    public async Task Its_exception_has_nothing_inside_where_the_last_question_was_answered()
    {
        var runner = new ScriptedBuildRunner(Answer.Fails(Answer.Transient(TimeSpan.Zero)), Answer.Running);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);
        await _clock.NextTimerAsync(wait);
        await _clock.PassDelayAsync(wait);
        await _clock.NextTimerAsync(wait);

        var exception = await ExpectTimeoutAsync(wait);

        exception.InnerException.Should().BeNull();
    }

    [Fact]
    public async Task While_watching_it_includes_the_time_that_the_consumer_takes()
    {
        var runner = new ScriptedBuildRunner(Answer.Running);
        await using var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options).GetAsyncEnumerator(CancellationToken.None);
        await watch.MoveNextAsync();
        _clock.Advance(Timeout);

        Func<Task> act = () => watch.MoveNextAsync().AsTask();

        await act.Should().ThrowAsync<TimeoutException>();
        (runner.Asked, runner.Cancelled).Should().Be((1, 0));
    }

    [Fact]
    public async Task The_token_of_the_caller_comes_first()
    {
        using var caller = new CancellationTokenSource();
        var runner = new ScriptedBuildRunner(_ =>
        {
            _clock.Advance(Timeout);
            caller.Cancel();
            return Task.FromCanceled<BuildSnapshot>(new CancellationToken(canceled: true));
        });

        Func<Task> act = () => runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options, caller.Token);

        (await act.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(caller.Token);
    }

    private async Task<TimeoutException> ExpectTimeoutAsync(Task wait, CancellationToken giveUp = default)
    {
        _clock.Advance(JustBefore - _clock.Elapsed);
        wait.IsCompleted.Should().BeFalse();
        _clock.Advance(Timeout - JustBefore);
        Func<Task> act = () => wait.WaitAsync(giveUp);
        return (await act.Should().ThrowAsync<TimeoutException>()).Which;
    }
}
