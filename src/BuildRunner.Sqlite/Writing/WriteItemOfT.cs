using BuildRunner.Queue.Sessions;
using BuildRunner.Sqlite.Sessions;

namespace BuildRunner.Sqlite.Writing;

/// <inheritdoc/>
/// <typeparam name="T">What the work gives.</typeparam>
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
            throw new InvalidOperationException("The work on a SQLite file waited for something else than its session; it holds up all other writers, so it must not.");
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
