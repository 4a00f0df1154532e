namespace BuildRunner.Relational;

/// <summary>Represents a read-only server that refused nothing. It is not used, because its data may be old.</summary>
internal sealed class ReadOnlyServerException() : DbException(
    "The server of the queue is read-only: a standby or a demoted primary. Point the connection string to the primary.")
{
    public override bool IsTransient => true;
}

/// <summary>Represents a row that another transaction has locked for longer than a second, or a deadlock, in a transaction of several
/// callers. Each of them is tried alone.</summary>
internal sealed class RowLockedException(Exception innerException)
    : DbException("Another transaction has locked a row: for longer than a second, or in a deadlock.", innerException);
