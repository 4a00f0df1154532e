namespace BuildRunner.Queue.Engines;

/// <summary>Something that one caller begins, and that all who come meanwhile wait for. If each tried by itself, a server that does not
/// answer would cost each of them the time-outs of all before it.</summary>
internal sealed class SharedRun(Func<Task> run)
{
    private readonly Lock _gate = new();
    private Task _running = Task.CompletedTask;
    private bool _isClosed;

    /// <summary>Begins it, unless it is under way, and waits for it. The token ends only the wait.</summary>
    public Task RunAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_running.IsCompleted)
            {
                ObjectDisposedException.ThrowIf(_isClosed, typeof(QueueEngine));
                _running = run();

                // Whoever has gone meanwhile does not look at what it came to.
                _ = _running.ContinueWith(
                    static ended => ended.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }

            return _running.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Begins nothing any more, and waits for what is under way.</summary>
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
