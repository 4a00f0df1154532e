namespace BuildRunner.Git.Repository;

/// <summary>Represents a merged commit.</summary>
/// <param name="CommitId">Its id.</param>
/// <param name="Tree">The id of its tree, which is the same for the same files.</param>
internal sealed record MergedCommit(string CommitId, string Tree);
