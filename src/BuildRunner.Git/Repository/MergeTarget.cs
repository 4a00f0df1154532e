namespace BuildRunner.Git.Repository;

/// <summary>What merging needs to know of a target.</summary>
/// <param name="CommitId">The target.</param>
/// <param name="Tree">The id of its tree.</param>
/// <param name="Attributes">The content of its own .gitattributes, or <see langword="null"/> where it has none.</param>
internal sealed record MergeTarget(string CommitId, string Tree, byte[]? Attributes);
