namespace BuildRunner.Git.Repository;

/// <summary>Represents the fields of a target that merging needs.</summary>
/// <param name="CommitId">The commit id.</param>
/// <param name="Header">The header of the commit.</param>
/// <param name="Attributes">The attributes in its tree.</param>
internal sealed record MergeTarget(string CommitId, CommitHeader Header, TreeAttributes Attributes);
