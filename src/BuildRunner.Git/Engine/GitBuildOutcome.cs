using System.Globalization;

namespace BuildRunner.Git.Engine;

/// <summary>How a build ended, and what is told of that.</summary>
internal sealed record GitBuildOutcome(BuildStatus Status, BuildMetadata Metadata)
{
    public static GitBuildOutcome Succeeded { get; } = new(BuildStatus.Succeeded, BuildMetadata.Empty);

    public static GitBuildOutcome Cancelled { get; } = new(BuildStatus.Cancelled, BuildMetadata.Empty);

    public static GitBuildOutcome Failed(string failureKind, params ReadOnlySpan<KeyValuePair<string, string>> details) =>
        new(BuildStatus.Failed, BuildMetadata.Create([new(BuildMetadataKeys.FailureKind, failureKind), .. details]));

    public GitBuildOutcome After(TimeSpan duration) => this with
    {
        Metadata = Metadata.SetItems([new(BuildMetadataKeys.DurationMs, ((long)duration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture))]),
    };

    public GitBuildOutcome Of(string commitId) => this with { Metadata = Metadata.SetItems([new(BuildMetadataKeys.Commit, commitId)]) };
}
