namespace BuildRunner.Git.Repository;

/// <summary>Represents a commit to merge.</summary>
/// <param name="Side">One of <see cref="BuildFailedSides"/>.</param>
/// <param name="CommitId">The full commit id.</param>
/// <param name="Reference">The full reference that the commit was read from.</param>
internal sealed record AppliedChange(string Side, string CommitId, string Reference);
