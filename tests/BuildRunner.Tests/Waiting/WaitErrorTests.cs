namespace BuildRunner.Tests.Waiting;

public sealed class WaitErrorTests
{
    private readonly RecordingTimeProvider _clock = new();

    public static TheoryData<Exception> FinalErrors =>
    [
        new BuildRunnerException(),
        new BuildRunnerException { RetryAfter = TimeSpan.FromSeconds(1) },
        new BuildNotFoundException(ScriptedBuildRunner.Build),
        new TriggerOutcomeUnknownException(),
        new InvalidOperationException(),
        new HttpRequestException(),
        new TimeoutException(),
    ];

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Four_transient_errors_in_a_row_are_survived(bool atOnce)
    {
        var error = atOnce ? Answer.FailsAtOnce(Answer.Transient()) : Answer.Fails(Answer.Transient());
        var runner = new ScriptedBuildRunner([.. Enumerable.Repeat(error, 4), Answer.Succeeded]);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        await _clock.PassDelaysAsync(4, wait);

        (await wait).Status.Should().Be(BuildStatus.Succeeded);
        runner.Asked.Should().Be(5);
    }

    [Fact]
    public async Task The_fifth_transient_error_in_a_row_is_thrown_as_it_is()
    {
        var last = Answer.Transient();
        var runner = new ScriptedBuildRunner([.. Enumerable.Repeat(Answer.Fails(Answer.Transient()), 4), Answer.Fails(last)]);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);
        await _clock.PassDelaysAsync(4, wait);

        Func<Task> act = () => _clock.NextTimerAsync(wait);

        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.Should().BeSameAs(last);
        runner.Asked.Should().Be(5);
    }

    [Fact]
    public async Task An_answer_ends_the_row()
    {
        var four = Enumerable.Repeat(Answer.Fails(Answer.Transient()), 4).ToList();
        var runner = new ScriptedBuildRunner([.. four, Answer.Running, .. four, Answer.Running, .. four, Answer.Succeeded]);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        await _clock.PassDelaysAsync(14, wait);

        (await wait).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task The_delay_after_an_error_goes_by_the_last_known_status()
    {
        var runner = new ScriptedBuildRunner(Answer.Fails(Answer.Transient()), Answer.Running, Answer.Fails(Answer.Transient()), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delays = await _clock.PassDelaysAsync(3, wait);

        await wait;
        delays[0].ShouldBeWithJitter(TimeSpan.FromSeconds(5));
        delays[2].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [MemberData(nameof(FinalErrors))]
    public async Task Any_other_error_is_thrown_at_once_and_as_it_is(Exception error)
    {
        var runner = new ScriptedBuildRunner(Answer.Fails(error));

        Func<Task> act = () => runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        (await act.Should().ThrowAsync<Exception>()).Which.Should().BeSameAs(error);
        runner.Asked.Should().Be(1);
    }

    [Fact]
    public async Task Any_other_error_is_thrown_while_transient_ones_are_survived()
    {
        var error = new BuildNotFoundException(ScriptedBuildRunner.Build);
        var runner = new ScriptedBuildRunner(Answer.Running, Answer.Fails(Answer.Transient()), Answer.Fails(error));
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);
        await _clock.PassDelaysAsync(2, wait);

        Func<Task> act = () => wait;

        (await act.Should().ThrowAsync<BuildNotFoundException>()).Which.Should().BeSameAs(error);
    }

    [Fact]
    public async Task A_cancellation_that_nobody_asked_for_is_an_invalid_operation()
    {
        var error = new TaskCanceledException();
        var runner = new ScriptedBuildRunner(Answer.Fails(error));

        Func<Task> act = () => runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        (await act.Should().ThrowAsync<InvalidOperationException>()).WithInnerException<TaskCanceledException>().Which.Should().BeSameAs(error);
    }

    [Fact]
    public async Task No_task_is_an_invalid_operation()
    {
        var runner = new ScriptedBuildRunner(_ => null!);

        Func<Task> act = () => runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        await act.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task No_snapshot_is_an_invalid_operation()
    {
        var runner = new ScriptedBuildRunner(Answer.NoSnapshot);

        Func<Task> act = () => runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        await act.Should().ThrowAsync<InvalidOperationException>();
        runner.Asked.Should().Be(1);
    }

    [Fact]
    public async Task No_snapshot_is_an_invalid_operation_while_watching_too()
    {
        var runner = new ScriptedBuildRunner(Answer.Running, Answer.NoSnapshot);
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options).ToListAsync().AsTask();
        await _clock.PassDelayAsync(watch);

        Func<Task> act = () => watch;

        await act.Should().ThrowAsync<InvalidOperationException>();
    }

    [Fact]
    public async Task Watching_survives_four_transient_errors_and_throws_the_fifth()
    {
        var last = Answer.Transient();
        var four = Enumerable.Repeat(Answer.Fails(Answer.Transient()), 4).ToList();
        var runner = new ScriptedBuildRunner([.. four, Answer.Running, .. four, Answer.Fails(last)]);
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options).ToListAsync().AsTask();
        await _clock.PassDelaysAsync(9, watch);

        Func<Task> act = () => _clock.NextTimerAsync(watch);

        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.Should().BeSameAs(last);
    }
}
