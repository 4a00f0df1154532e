using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Merged;

/// <summary>What goes on after the call that has begun it. It ends with the container.</summary>
internal sealed partial class BackgroundTasks(ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private bool _isDisposed;

    /// <summary>Gets a value indicating whether nothing is begun any more.</summary>
    public bool IsStopping => _stopping.IsCancellationRequested;

    /// <summary>Begins something whose result somebody may wait for.</summary>
    /// <exception cref="ObjectDisposedException">Nothing is begun any more.</exception>
    public Task<T> Run<T>(Func<CancellationToken, Task<T>> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IMergedRefs));
            var task = Task.Run(() => work(_stopping.Token));
            _running.Add(task);
            _ = task.ContinueWith(Remove, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return task;
        }
    }

    /// <summary>Begins something of which nobody hears. Where it fails, the next sweep does what it was to do.</summary>
    public Task Tidy(Func<CancellationToken, Task> work)
    {
        if (IsStopping)
        {
            return Task.CompletedTask;
        }

        return Run(async cancellationToken =>
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

            return true;
        });
    }

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
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private void Remove(Task task)
    {
        lock (_lock)
        {
            _running.Remove(task);
        }

        // Seen, even where nobody waits any more.
        _ = task.Exception;
    }

    [LoggerMessage(LogLevel.Warning, "References of merged commits could not be brought up to date at the remote; the next sweep tries again")]
    private partial void LogNotTidied(Exception exception);
}
