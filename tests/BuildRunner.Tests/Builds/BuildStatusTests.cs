namespace BuildRunner.Tests.Builds;

public sealed class BuildStatusTests
{
    [Theory]
    [InlineData(BuildStatus.Unknown, 0, "Unknown")]
    [InlineData(BuildStatus.Accepted, 1, "Accepted")]
    [InlineData(BuildStatus.Running, 2, "Running")]
    [InlineData(BuildStatus.Succeeded, 3, "Succeeded")]
    [InlineData(BuildStatus.Failed, 4, "Failed")]
    [InlineData(BuildStatus.Cancelled, 5, "Cancelled")]
    public void Numbers_and_names_never_change(BuildStatus status, int number, string name)
    {
        ((int)status).Should().Be(number);
        status.ToString().Should().Be(name);
    }

    [Fact]
    public void There_are_six_of_them()
    {
        Enum.GetValues<BuildStatus>().Should().HaveCount(6);
    }

    [Fact]
    public void A_status_that_was_never_set_is_unknown()
    {
        default(BuildStatus).Should().Be(BuildStatus.Unknown);
    }

    [Theory]
    [InlineData(BuildStatus.Unknown, false)]
    [InlineData(BuildStatus.Accepted, false)]
    [InlineData(BuildStatus.Running, false)]
    [InlineData(BuildStatus.Succeeded, true)]
    [InlineData(BuildStatus.Failed, true)]
    [InlineData(BuildStatus.Cancelled, true)]
    [InlineData((BuildStatus)(-1), false)]
    [InlineData((BuildStatus)6, false)]
    [InlineData((BuildStatus)int.MaxValue, false)]
    [InlineData((BuildStatus)int.MinValue, false)]
    public void Success_failure_and_cancellation_are_terminal(BuildStatus status, bool terminal)
    {
        status.IsTerminal().Should().Be(terminal);
    }
}
