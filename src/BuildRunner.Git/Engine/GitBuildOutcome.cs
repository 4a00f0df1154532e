using System.Globalization;

namespace BuildRunner.Git.Engine;

/// <summary>How a build ended, and what is told of that.</summary>
internal sealed record GitBuildOutcome(BuildStatus Status, BuildMetadata Metadata)
{
    public static GitBuildOutcome Succeeded { get; } = new(BuildStatus.Succeeded, BuildMetadata.Empty);

    /// <summary>Gets by what the run is known that has succeeded, or <see langword="null"/> where none has or nobody is to know.</summary>
    public string? RunKey { get; init; }

    public static GitBuildOutcome Cancelled { get; } = new(BuildStatus.Cancelled, BuildMetadata.Empty);

    /// <summary>Gets the outcome of a command that has ended otherwise than it should.</summary>
    public static GitBuildOutcome Broken { get; } = Failed(BuildFailureKinds.Code);

    public static GitBuildOutcome Failed(string failureKind, params ReadOnlySpan<KeyValuePair<string, string>> details) =>
        new(BuildStatus.Failed, BuildMetadata.Create([new(BuildMetadataKeys.FailureKind, failureKind), .. details]));

    public GitBuildOutcome After(TimeSpan duration) => With(BuildMetadataKeys.DurationMs, ((long)duration.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));

    public GitBuildOutcome Of(string commitId) => With(BuildMetadataKeys.Commit, commitId);

    public GitBuildOutcome ReusedFrom(BuildId buildId) => With(BuildMetadataKeys.ReusedFrom, buildId.Value);

    public GitBuildOutcome By(string side) => With(BuildMetadataKeys.FailedSide, side);

    private GitBuildOutcome With(string key, string value) => this with { Metadata = Metadata.SetItems([new(key, value)]) };
}
