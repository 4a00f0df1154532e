using System.Globalization;

namespace BuildRunner.Git.Engine;

/// <summary>Represents the outcome of a build.</summary>
internal sealed record GitBuildOutcome(BuildStatus Status, BuildMetadata Metadata)
{
    public static GitBuildOutcome Succeeded { get; } = new(BuildStatus.Succeeded, BuildMetadata.Empty);

    /// <summary>Gets the key of the successful run, or <see langword="null"/> if there is none or it must not be reused.</summary>
    public string? RunKey { get; init; }

    public static GitBuildOutcome Cancelled { get; } = new(BuildStatus.Cancelled, BuildMetadata.Empty);

    /// <summary>Gets the outcome of a command that failed.</summary>
    public static GitBuildOutcome Broken { get; } = Failed(BuildFailureKinds.Code);

    public static GitBuildOutcome Failed(string failureKind, params ReadOnlySpan<KeyValuePair<string, string>> details) =>
        new(BuildStatus.Failed, BuildMetadata.Create([new(BuildMetadataKeys.FailureKind, failureKind), .. details]));

    public GitBuildOutcome After(TimeSpan duration) =>
        With(BuildMetadataKeys.DurationMs, ((long)duration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

    public GitBuildOutcome Of(string commitId) => With(BuildMetadataKeys.Commit, commitId);

    public GitBuildOutcome ReusedFrom(BuildId buildId) => With(BuildMetadataKeys.ReusedFrom, buildId.Value);

    public GitBuildOutcome By(string side) => With(BuildMetadataKeys.FailedSide, side);

    private GitBuildOutcome With(string key, string value) => this with { Metadata = Metadata.SetItems([new(key, value)]) };
}
