using System.Globalization;

namespace BuildRunner.Buildbot.Api;

/// <summary>Maps the states of a build request. The numbers are those of <c>buildbot.process.results</c>.</summary>
internal static class BuildbotStatus
{
    private static readonly string[] Natives = ["success", "warnings", "failure", "skipped", "exception", "retry", "cancelled"];

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
        { Results: null } => "complete",
        { Results: { } results } when results >= 0 && results < Natives.Length => Natives[results],
        _ => string.Create(CultureInfo.InvariantCulture, $"results {row.Results}"),
    };
}
