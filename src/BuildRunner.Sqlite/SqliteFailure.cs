namespace BuildRunner.Sqlite;

/// <summary>Classifies failures. This is the only place that interprets the exceptions of SQLite.</summary>
internal static class SqliteFailure
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int TooBig = 18;

    // Also RAISE in a trigger.
    private const int Constraint = 19;

    public static FailureKind KindOf(Exception exception) => (exception as SqliteException)?.SqliteErrorCode switch
    {
        Busy or Locked => FailureKind.Transient,
        ReadOnly => FailureKind.ReadOnly,
        TooBig or Constraint => FailureKind.Content,
        _ => FailureKind.Permanent,
    };
}
