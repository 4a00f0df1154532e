namespace BuildRunner.Git.Repository;

/// <summary>What merging needs to know of a target.</summary>
/// <param name="CommitId">The target.</param>
/// <param name="Header">The beginning of that commit.</param>
/// <param name="Attributes">The attributes in its tree.</param>
internal sealed record MergeTarget(string CommitId, CommitHeader Header, TreeAttributes Attributes);
