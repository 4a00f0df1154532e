namespace BuildRunner.Git.Storage;

/// <summary>How a build has ended: written once, and never changed.</summary>
/// <param name="Status">A terminal status.</param>
/// <param name="Metadata">All of the metadata, that of the request included.</param>
/// <param name="EndedAt">When.</param>
/// <param name="RunKey">By what the run is known that has succeeded, where it may be reused.</param>
internal sealed record BuildResult(BuildStatus Status, BuildMetadata Metadata, DateTimeOffset EndedAt, string? RunKey = null);
