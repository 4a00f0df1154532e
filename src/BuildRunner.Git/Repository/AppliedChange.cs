namespace BuildRunner.Git.Repository;

/// <summary>One commit to merge, and the side of the request that it belongs to.</summary>
/// <param name="Side">One of <see cref="BuildFailedSides"/>.</param>
/// <param name="CommitId">The full id of the commit.</param>
internal sealed record AppliedChange(string Side, string CommitId);
