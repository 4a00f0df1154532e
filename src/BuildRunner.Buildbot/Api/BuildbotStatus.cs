using System.Globalization;

namespace BuildRunner.Buildbot.Api;

/// <summary>What the states of a build request mean. The numbers are those of <c>buildbot.process.results</c>.</summary>
internal static class BuildbotStatus
{
    public static BuildStatus Of(BuildRequestRow row) => row switch
    {
        { Complete: false, Claimed: false } => BuildStatus.Accepted,
        { Complete: false } => BuildStatus.Running,
        { Results: 0 or 1 } => BuildStatus.Succeeded,
        { Results: 2 or 3 or 4 } => BuildStatus.Failed,
        { Results: 6 } => BuildStatus.Cancelled,
        _ => BuildStatus.Unknown,
    };

    public static string? FailureKindOf(BuildRequestRow row) => row switch
    {
        { Complete: true, Results: 2 } => BuildFailureKinds.Code,
        { Complete: true, Results: 3 } => BuildFailureKinds.Skipped,
        { Complete: true, Results: 4 } => BuildFailureKinds.Infra,
        _ => null,
    };

    public static string NativeOf(BuildRequestRow row) => row switch
    {
        { Complete: false, Claimed: false } => "unclaimed",
        { Complete: false } => "claimed",
        _ => row.Results switch
        {
            0 => "success",
            1 => "warnings",
            2 => "failure",
            3 => "skipped",
            4 => "exception",
            5 => "retry",
            6 => "cancelled",
            null => "complete",
            { } other => string.Create(CultureInfo.InvariantCulture, $"results {other}"),
        },
    };
}
