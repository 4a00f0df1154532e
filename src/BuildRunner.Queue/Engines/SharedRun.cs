namespace BuildRunner.Queue.Engines;

/// <summary>Shares one run among concurrent callers. Otherwise a hung server would cost each the time-outs of all before it.</summary>
internal sealed class SharedRun(Func<Task> run)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>Starts a run unless one is in progress, and waits for it. The token cancels only the wait.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_running.IsCompleted)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(QueueEngine));
                _running = Observed(run());
            }

            return _running.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Observes the exception of a task that its caller may no longer wait for.</summary>
    public static T Observed<T>(T task)
        where T : Task
    {
        if (!task.IsCompletedSuccessfully)
        {
            _ = task.ContinueWith(
                static ended => ended.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }

        return task;
    }

    /// <summary>Prevents new runs and waits for the one in progress.</summary>
    public async Task CloseAsync()
    {
        Task running;
        lock (_gate)
        {
            _isClosed = true;
            running = _running;
        }

        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
