using BuildRunner.Sqlite.Sessions;

namespace BuildRunner.Sqlite.Writing;

/// <summary>Work that waits for the writer.</summary>
internal abstract class WriteItem
{
    /// <summary>Does the work in the transaction that is open. May be called several times.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>Says that it is committed.</summary>
    public abstract void Complete();

    /// <summary>Says that nothing of it is done.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Gets a value indicating whether nobody waits for it any more.</summary>
    public abstract bool IsCanceled { get; }
}
