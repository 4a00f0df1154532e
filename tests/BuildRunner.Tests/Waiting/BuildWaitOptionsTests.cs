namespace BuildRunner.Tests.Waiting;

public sealed class BuildWaitOptionsTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(4_294_967_294);

    public static TheoryData<TimeSpan> TimeoutsInRange => [TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1), Longest];

    public static TheoryData<TimeSpan> TimeoutsOutOfRange =>
        [TimeSpan.Zero, TimeSpan.FromTicks(-1), Timeout.InfiniteTimeSpan, TimeSpan.MinValue, Longest + TimeSpan.FromTicks(1), TimeSpan.MaxValue];

    [Fact]
    public void There_is_no_timeout_by_default()
    {
        new BuildWaitOptions().Timeout.Should().BeNull();
    }

    [Fact]
    public void The_clock_is_that_of_the_system_by_default()
    {
        new BuildWaitOptions().TimeProvider.Should().BeSameAs(TimeProvider.System);
    }

    [Theory]
    [MemberData(nameof(TimeoutsInRange))]
    public void A_timeout_in_range_is_kept(TimeSpan timeout)
    {
        new BuildWaitOptions { Timeout = timeout }.Timeout.Should().Be(timeout);
    }

    [Theory]
    [MemberData(nameof(TimeoutsOutOfRange))]
    public void A_timeout_out_of_range_is_refused(TimeSpan timeout)
    {
        Action act = () => _ = new BuildWaitOptions { Timeout = timeout };

        act.Should().Throw<ArgumentOutOfRangeException>().WithParameterName("Timeout");
    }

    [Fact]
    public async Task A_timer_takes_the_longest_timeout()
    {
        var clock = new RecordingTimeProvider();
        var wait = new ScriptedBuildRunner(Answer.Succeeded).WaitForCompletionAsync(ScriptedBuildRunner.Build, new() { Timeout = Longest, TimeProvider = clock });

        var timer = await clock.NextTimerAsync(wait);

        timer.Should().Be(Longest);
        await wait;
    }

    [Fact]
    public void A_timeout_can_be_taken_back()
    {
        var options = new BuildWaitOptions { Timeout = TimeSpan.FromHours(1) };

        (options with { Timeout = null }).Timeout.Should().BeNull();
    }

    [Fact]
    public void A_null_clock_is_refused()
    {
        Action act = () => _ = new BuildWaitOptions { TimeProvider = null! };

        act.Should().Throw<ArgumentNullException>().WithParameterName("TimeProvider");
    }
}
