namespace BuildRunner.Relational;

/// <summary>Decides what the failure of a transaction of several requests means for each.</summary>
internal static class SharedFailure
{
    // By the standard, the class of those whose transaction was undone because of another: a deadlock or a conflict.
    private const string Undone = "40";

    /// <summary>Determines whether each request might succeed alone. A server that is away, hangs or is read-only blames none.</summary>
    public static bool BlamesOne(Exception exception, FailureKind kind) =>
        kind is not (FailureKind.Transient or FailureKind.ReadOnly or FailureKind.TimedOut)
        || exception is DbException { SqlState: { } state } && state.StartsWith(Undone, StringComparison.Ordinal);
}
