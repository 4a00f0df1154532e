namespace BuildRunner.Git.Repository;

/// <summary>One commit to merge, and the side of the request that it belongs to.</summary>
/// <param name="Side">One of <see cref="BuildFailedSides"/>.</param>
/// <param name="CommitId">The full id of the commit.</param>
/// <param name="Reference">The full reference from which the commit was taken.</param>
internal sealed record AppliedChange(string Side, string CommitId, string Reference);
