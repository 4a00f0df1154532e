using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Merged;

/// <summary>Runs work that outlives the call that started it, at most until the container is disposed.</summary>
internal sealed partial class BackgroundTasks : IAsyncDisposable
{
    // How long disposal waits for work that must finish.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationToken _stoppingToken;
    private readonly CancellationToken _endingToken;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private bool _isDisposed;

    public BackgroundTasks(ILogger logger) =>
        (_logger, _stoppingToken, _endingToken) = (logger, _stopping.Token, _ending.Token);

    /// <summary>Gets a value indicating whether no more work is started.</summary>
    public bool IsStopping => _stoppingToken.IsCancellationRequested;

    /// <summary>Starts work with a result that a caller may wait for.</summary>
    /// <exception cref="ObjectDisposedException">No more work is started.</exception>
    public Task<T> Run<T>(Func<CancellationToken, Task<T>> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IMergedRefs));
            return Add(Task.Run(() => work(_stoppingToken)));
        }
    }

    /// <summary>Starts work that nobody waits for. If it fails, the next sweep makes up for it.</summary>
    public Task Tidy(Func<CancellationToken, Task> work) => Begin(work, isLate: false, _stoppingToken);

    /// <summary>Starts work that should finish, even during disposal.</summary>
    public Task Finish(Func<CancellationToken, Task> work) => Begin(work, isLate: true, _endingToken);

    public async ValueTask DisposeAsync()
    {
        Task[] running;
        lock (_lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            running = [.. _running];
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _ending.CancelAfter(Grace);
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        _ending.Dispose();
    }

    private Task Begin(Func<CancellationToken, Task> work, bool isLate, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _isDisposed && !isLate
                ? Task.CompletedTask
                : Add(Task.Run(() => TryAsync(work, cancellationToken), CancellationToken.None));
        }
    }

    private async Task TryAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Another process does it.
        }
        catch (Exception exception)
        {
            LogNotTidied(exception);
        }
    }

    private T Add<T>(T task)
        where T : Task
    {
        _running.Add(task);
        _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return task;
    }

    private void Remove(Task task)
    {
        lock (_lock)
        {
            _running.Remove(task);
        }

        // Observed, even if nobody waits any more.
        _ = task.Exception;
    }

    [LoggerMessage(LogLevel.Warning, "Could not update the references of merged commits at the remote; the next sweep will retry")]
    private partial void LogNotTidied(Exception exception);
}
