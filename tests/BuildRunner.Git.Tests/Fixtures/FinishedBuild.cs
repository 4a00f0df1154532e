namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>An ended build: its snapshot and its log.</summary>
internal sealed record FinishedBuild(BuildId Id, BuildSnapshot Snapshot, string Log)
{
    public BuildStatus Status => Snapshot.Status;

    public string? FailureKind => Snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind);

    public string? FailedSide => Snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.FailedSide);

    public string? ConflictPaths => Snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.ConflictPaths);

    public string? Commit => Snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.Commit);

    public string[] Lines => Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
