using BuildRunner.Buildbot.Api;

namespace BuildRunner.Buildbot.Tests;

public sealed class BuildbotStatusTests
{
    [Theory]
    [InlineData(false, false, -1, BuildStatus.Accepted, null, "unclaimed")]
    [InlineData(true, false, -1, BuildStatus.Running, null, "claimed")]
    [InlineData(true, true, 0, BuildStatus.Succeeded, null, "success")]
    [InlineData(true, true, 1, BuildStatus.Succeeded, null, "warnings")]
    [InlineData(true, true, 2, BuildStatus.Failed, "code", "failure")]
    [InlineData(true, true, 3, BuildStatus.Failed, "skipped", "skipped")]
    [InlineData(true, true, 4, BuildStatus.Failed, "infra", "exception")]
    [InlineData(true, true, 5, BuildStatus.Unknown, null, "retry")]
    [InlineData(true, true, 6, BuildStatus.Cancelled, null, "cancelled")]
    [InlineData(false, true, 6, BuildStatus.Cancelled, null, "cancelled")]
    [InlineData(true, true, 7, BuildStatus.Unknown, null, "results 7")]
    [InlineData(true, true, -1, BuildStatus.Unknown, null, "results -1")]
    [InlineData(true, true, null, BuildStatus.Unknown, null, "complete")]
    public void Each_state_of_a_build_request_means_one_status(bool claimed, bool complete, int? results, BuildStatus status, string? kind, string native)
    {
        BuildRequestRow row = new(1, 1, 1, claimed, complete, results, Properties: null);

        BuildbotStatus.Of(row).Should().Be(status);
        BuildbotStatus.FailureKindOf(row).Should().Be(kind);
        BuildbotStatus.NativeOf(row).Should().Be(native);
    }
}
