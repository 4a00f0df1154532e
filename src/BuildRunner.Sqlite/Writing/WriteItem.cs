using BuildRunner.Sqlite.Sessions;

namespace BuildRunner.Sqlite.Writing;

/// <summary>Represents work that waits for the writer.</summary>
internal abstract class WriteItem
{
    /// <summary>Runs the work in the open transaction. May be called several times.</summary>
    public abstract void Run(SqliteSession session);

    /// <summary>Completes the work after the commit.</summary>
    public abstract void Complete();

    /// <summary>Fails the work: nothing of it is done.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Gets a value indicating whether the caller has stopped waiting.</summary>
    public abstract bool IsCanceled { get; }
}
