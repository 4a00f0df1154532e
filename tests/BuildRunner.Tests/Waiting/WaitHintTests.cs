namespace BuildRunner.Tests.Waiting;

public sealed class WaitHintTests
{
    private readonly RecordingTimeProvider _clock = new();

    /// <summary>The hint and the least delay that it makes, in milliseconds.</summary>
    public static TheoryData<double, double> Hints => new()
    {
        { -60_000, 500 },
        { 0, 500 },
        { 1, 500 },
        { 499, 500 },
        { 500, 500 },
        { 501, 501 },
        { 1_000, 1_000 },
        { 4_000, 4_000 },
        { 60_000, 60_000 },
        { 599_999, 599_999 },
        { 600_000, 600_000 },
        { 600_001, 600_000 },
        { 86_400_000, 600_000 },
    };

    private BuildWaitOptions Options => new() { TimeProvider = _clock };

    [Theory]
    [MemberData(nameof(Hints))]
    public async Task PollAfter_is_clamped_and_never_undercut(double hint, double least)
    {
        var runner = new ScriptedBuildRunner(Answer.Of(BuildStatus.Running, TimeSpan.FromMilliseconds(hint)), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delay = await _clock.PassDelayAsync(wait);

        await wait;
        delay.ShouldBeWithJitter(TimeSpan.FromMilliseconds(least));
    }

    [Theory]
    [MemberData(nameof(Hints))]
    public async Task RetryAfter_is_clamped_and_never_undercut(double hint, double least)
    {
        var runner = new ScriptedBuildRunner(Answer.Fails(Answer.Transient(TimeSpan.FromMilliseconds(hint))), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delay = await _clock.PassDelayAsync(wait);

        await wait;
        delay.ShouldBeWithJitter(TimeSpan.FromMilliseconds(least));
    }

    [Theory]
    [InlineData(long.MinValue, 500)]
    [InlineData(long.MaxValue, 600_000)]
    public async Task The_most_extreme_hints_are_clamped(long ticks, double least)
    {
        var runner = new ScriptedBuildRunner(Answer.Of(BuildStatus.Running, new TimeSpan(ticks)), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delay = await _clock.PassDelayAsync(wait);

        await wait;
        delay.ShouldBeWithJitter(TimeSpan.FromMilliseconds(least));
    }

    [Fact]
    public async Task A_hint_with_a_fraction_of_a_millisecond_is_not_undercut_either()
    {
        // One tick more than a whole millisecond: cut off, about one delay in a hundred would be too short.
        const int Polls = 2_000;
        var hint = TimeSpan.FromMilliseconds(500) + TimeSpan.FromTicks(1);
        var runner = new ScriptedBuildRunner([.. Enumerable.Repeat(Answer.Of(BuildStatus.Running, hint), Polls), Answer.Succeeded]);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delays = await _clock.PassDelaysAsync(Polls, wait);

        await wait;
        delays.Should().OnlyContain(delay => delay >= hint);
    }

    [Fact]
    public async Task PollAfter_is_good_for_one_delay()
    {
        var runner = new ScriptedBuildRunner(
            Answer.Of(BuildStatus.Running, TimeSpan.FromMinutes(1)), Answer.Running, Answer.Of(BuildStatus.Accepted, TimeSpan.FromSeconds(1)), Answer.Accepted, Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delays = await _clock.PassDelaysAsync(4, wait);

        await wait;
        delays[0].ShouldBeWithJitter(TimeSpan.FromMinutes(1));
        delays[1].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
        delays[2].ShouldBeWithJitter(TimeSpan.FromSeconds(1));
        delays[3].ShouldBeWithJitter(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task RetryAfter_is_good_for_one_delay()
    {
        var runner = new ScriptedBuildRunner(
            Answer.Fails(Answer.Transient(TimeSpan.FromMinutes(1))), Answer.Fails(Answer.Transient()), Answer.Running, Answer.Fails(Answer.Transient(TimeSpan.FromSeconds(1))), Answer.Fails(Answer.Transient()), Answer.Succeeded);
        var wait = runner.WaitForCompletionAsync(ScriptedBuildRunner.Build, Options);

        var delays = await _clock.PassDelaysAsync(5, wait);

        await wait;
        delays[0].ShouldBeWithJitter(TimeSpan.FromMinutes(1));
        delays[1].ShouldBeWithJitter(TimeSpan.FromSeconds(5));
        delays[2].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
        delays[3].ShouldBeWithJitter(TimeSpan.FromSeconds(1));
        delays[4].ShouldBeWithJitter(TimeSpan.FromSeconds(2));
    }
}
