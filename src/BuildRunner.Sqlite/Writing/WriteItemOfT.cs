using BuildRunner.Queue.Sessions;
using BuildRunner.Sqlite.Sessions;

namespace BuildRunner.Sqlite.Writing;

/// <inheritdoc/>
/// <typeparam name="T">The type of the result.</typeparam>
internal sealed class WriteItem<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) : WriteItem
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override bool IsCanceled => cancellationToken.IsCancellationRequested;

    public override void Run(SqliteSession session)
    {
        var task = work(session);
        if (!task.IsCompleted)
        {
            throw new InvalidOperationException(
                "The work on the SQLite file waited for something other than its session, which blocks all writers; "
                + "await only the session's methods.");
        }

        _result = task.GetAwaiter().GetResult();
    }

    public override void Complete() => _completion.TrySetResult(_result);

    public override void Fail(Exception exception)
    {
        if (exception is OperationCanceledException canceled)
        {
            _completion.TrySetCanceled(canceled.CancellationToken);
        }
        else
        {
            _completion.TrySetException(exception);
        }
    }
}
