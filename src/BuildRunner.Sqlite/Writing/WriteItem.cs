namespace BuildRunner.Sqlite.Writing;

/// <summary>Represents work that waits for the writer.</summary>
internal abstract class WriteItem
{
    /// <summary>Gets a value indicating whether the caller has stopped waiting.</summary>
    public abstract bool IsCanceled { get; }

    /// <summary>Runs the work in the open transaction. May be called several times.</summary>
    public abstract void Run(SqliteSession session);

    public abstract void Complete();

    /// <summary>Fails the work: nothing of it is done.</summary>
    public abstract void Fail(Exception exception);
}

internal sealed class WriteItem<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) : WriteItem
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override bool IsCanceled => cancellationToken.IsCancellationRequested;

    public override void Run(SqliteSession session)
    {
        var task = work(session);
        _result = task.IsCompleted
            ? task.GetAwaiter().GetResult()
            : throw new InvalidOperationException(
                "The work on the SQLite file waited for something other than its session, which blocks all writers; "
                + "await only the session's methods.");
    }

    public override void Complete() => _completion.TrySetResult(_result);

    public override void Fail(Exception exception) => _ = exception is OperationCanceledException canceled
        ? _completion.TrySetCanceled(canceled.CancellationToken)
        : _completion.TrySetException(exception);
}
