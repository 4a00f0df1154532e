namespace BuildRunner.Relational;

/// <summary>Represents the SQL about the table <c>queue_builds</c> that differs between databases.</summary>
internal sealed class BuildDialect
{
    /// <summary>Gets the end of an insert that does nothing if a unique key is taken.</summary>
    public required string IgnoreConflict { get; init; }

    /// <summary>Gets the statement that deletes builds that ended at a time or before, the first ended first. Its values are the time and
    /// the limit. It skips locked rows if the database has row locks.</summary>
    public required string DeleteEnded { get; init; }

    /// <summary>Gets the assignment that appends a text to the history unless it has reached a length in characters. Its values are the
    /// length and the text.</summary>
    public string AppendHistory { get; init; } =
        "history = CASE WHEN LENGTH(COALESCE(history, '')) < ? THEN COALESCE(history, '') || ? ELSE history END";

    /// <summary>Gets the index hint after a table name, with <c>{0}</c> for the index, or the empty string to let the database
    /// choose.</summary>
    public string UseIndex { get; init; } = "";

    /// <summary>Gets a value indicating whether the database itself groups commits, so that one transaction for several saves gains
    /// nothing.</summary>
    public bool GroupsCommits { get; init; }
}
