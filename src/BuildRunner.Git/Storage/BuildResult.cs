namespace BuildRunner.Git.Storage;

/// <summary>Represents the result of a build. Written once.</summary>
/// <param name="Status">A terminal status.</param>
/// <param name="Metadata">The complete metadata, including that of the request.</param>
/// <param name="EndedAt">The time of the end.</param>
/// <param name="RunKey">The key of the successful run, if it may be reused.</param>
internal sealed record BuildResult(BuildStatus Status, BuildMetadata Metadata, DateTimeOffset EndedAt, string? RunKey = null);
