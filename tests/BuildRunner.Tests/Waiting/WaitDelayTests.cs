namespace BuildRunner.Tests.Waiting;

public sealed class WaitDelayTests
{
    private readonly RecordingTimeProvider _clock = new();

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    [Fact]
    public async Task The_first_question_is_asked_at_once()
    {
        var runner = new ScriptedBuildRunner(Answer.Succeeded);

        var snapshot = await runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        snapshot.Status.Should().Be(BuildStatus.Succeeded);
        (runner.Asked, _clock.Elapsed).Should().Be((1, TimeSpan.Zero));
    }

    [Theory]
    [InlineData(BuildStatus.Accepted, 5)]
    [InlineData(BuildStatus.Unknown, 5)]
    [InlineData((BuildStatus)6, 5)]
    [InlineData((BuildStatus)(-1), 5)]
    [InlineData(BuildStatus.Running, 2)]
    public async Task The_delay_goes_by_the_status(BuildStatus status, int seconds)
    {
        var runner = new ScriptedBuildRunner(Answer.Of(status), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delay = await _clock.PassDelayAsync(wait);

        delay.ShouldBeWithJitter(TimeSpan.FromSeconds(seconds));
        (await wait).Status.Should().Be(BuildStatus.Succeeded);
        _clock.Elapsed.Should().Be(delay);
    }

    [Fact]
    public async Task The_delay_changes_with_the_status()
    {
        var runner = new ScriptedBuildRunner(Answer.Accepted, Answer.Running, Answer.Accepted, Answer.Running, Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delays = await _clock.PassDelaysAsync(4, wait);

        await wait;
        delays[0].ShouldBeWithJitter(TimeSpan.FromSeconds(5));
        delays[1].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
        delays[2].ShouldBeWithJitter(TimeSpan.FromSeconds(5));
        delays[3].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData(BuildStatus.Succeeded)]
    [InlineData(BuildStatus.Failed)]
    [InlineData(BuildStatus.Cancelled)]
    public async Task The_first_terminal_snapshot_is_the_result(BuildStatus status)
    {
        var terminal = new BuildSnapshot { Status = status, Metadata = [new("attempt", "2")], PollAfter = TimeSpan.FromSeconds(3) };
        var runner = new ScriptedBuildRunner(Answer.Running, Answer.Of(terminal));
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        await _clock.PassDelayAsync(wait);

        (await wait).Should().BeSameAs(terminal);
        runner.Asked.Should().Be(2);
    }

    [Fact]
    public async Task The_jitter_makes_every_delay_longer_by_another_part_of_20_percent()
    {
        const int Polls = 300;
        var runner = new ScriptedBuildRunner([.. Enumerable.Repeat(Answer.Running, Polls), Answer.Succeeded]);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delays = await _clock.PassDelaysAsync(Polls, wait);

        await wait;
        delays.Should().OnlyContain(delay => delay >= TimeSpan.FromSeconds(2) && delay <= TimeSpan.FromSeconds(2.4));
        delays.Should().Contain(delay => delay < TimeSpan.FromSeconds(2.1)).And.Contain(delay => delay > TimeSpan.FromSeconds(2.3));
        delays.Distinct().Should().HaveCountGreaterThan(50);
    }

    [Fact]
    public async Task Watching_has_the_same_delays()
    {
        var runner = new ScriptedBuildRunner(Answer.Accepted, Answer.Running, Answer.Of(BuildStatus.Running, TimeSpan.FromMinutes(1)), Answer.Succeeded);
        var watch = runner.WatchAsync(ScriptedBuildRunner.Build, Options).ToListAsync().AsTask();

        var delays = await _clock.PassDelaysAsync(3, watch);

        (await watch).Should().HaveCount(3);
        delays[0].ShouldBeWithJitter(TimeSpan.FromSeconds(5));
        delays[1].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
        delays[2].ShouldBeWithJitter(TimeSpan.FromMinutes(1));
    }
}
