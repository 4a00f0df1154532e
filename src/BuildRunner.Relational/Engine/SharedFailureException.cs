namespace BuildRunner.Relational;

/// <summary>Represents the failure of a transaction that several callers shared. Each has its own, because each throws it.</summary>
internal sealed class SharedFailureException(Exception cause) : DbException(cause.Message, cause)
{
    public override bool IsTransient => InnerException is not DbException { IsTransient: false };

    public override string? SqlState => (InnerException as DbException)?.SqlState;
}
