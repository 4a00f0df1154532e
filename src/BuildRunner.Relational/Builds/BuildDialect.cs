namespace BuildRunner.Relational;

/// <summary>
/// Represents what databases do not say in the same way about the table <c>queue_builds</c>.
/// </summary>
/// <remarks>Immutable, safe for use by several threads.</remarks>
internal sealed class BuildDialect
{
    /// <summary>
    /// Gets what stands at the end of an insert that changes nothing where a unique key is taken.
    /// </summary>
    public required string IgnoreConflict { get; init; }

    /// <summary>
    /// Gets the statement that deletes builds that have ended at a time or before, the first ended first. Its values are the time and how many at most. What others have locked is left out where rows can be locked.
    /// </summary>
    public required string DeleteEnded { get; init; }

    /// <summary>
    /// Gets what stands behind the name of a table to say which index to use, with <c>{0}</c> for the name of the index, or the empty string where the database is left to choose.
    /// </summary>
    public string UseIndex { get; init; } = "";

    /// <summary>
    /// Gets a value indicating whether the database itself commits together what comes together, so that nothing is gained by one transaction for several saves.
    /// </summary>
    public bool GroupsCommits { get; init; }
}
