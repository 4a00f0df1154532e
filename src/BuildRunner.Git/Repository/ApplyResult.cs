namespace BuildRunner.Git.Repository;

/// <summary>Represents the result of applying the changes.</summary>
internal abstract record ApplyResult
{
    private ApplyResult()
    {
    }

    /// <summary>All changes were applied.</summary>
    /// <param name="Base">The result of the base alone.</param>
    /// <param name="Head">The result of base and head.</param>
    public sealed record Applied(MergedCommit Base, MergedCommit Head) : ApplyResult;

    /// <summary>A change could not be merged.</summary>
    /// <param name="Side">One of <see cref="BuildFailedSides"/>.</param>
    /// <param name="CommitId">The commit that could not be merged.</param>
    /// <param name="Paths">The paths that conflict; empty if the conflict is not about a file, such as a directory that was renamed to
    /// two.</param>
    public sealed record Conflict(string Side, string CommitId, IReadOnlyList<string> Paths) : ApplyResult;

    /// <summary>A change shares no history with the target.</summary>
    /// <param name="Side">One of <see cref="BuildFailedSides"/>.</param>
    /// <param name="CommitId">The commit that could not be merged.</param>
    public sealed record Unrelated(string Side, string CommitId) : ApplyResult;
}
