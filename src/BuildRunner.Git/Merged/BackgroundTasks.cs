using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Merged;

/// <summary>What goes on after the call that has begun it. It ends with the container.</summary>
internal sealed partial class BackgroundTasks : IAsyncDisposable
{
    // How long what has to come to its end is waited for at the most, when everything else is stopped.
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

    /// <summary>Gets a value indicating whether nothing is begun any more.</summary>
    public bool IsStopping => _stoppingToken.IsCancellationRequested;

    /// <summary>Begins something whose result somebody may wait for.</summary>
    /// <exception cref="ObjectDisposedException">Nothing is begun any more.</exception>
    public Task<T> Run<T>(Func<CancellationToken, Task<T>> work)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IMergedRefs));
            return Add(Task.Run(() => work(_stoppingToken)));
        }
    }

    /// <summary>Begins something of which nobody hears. Where it fails, the next sweep does what it was to do.</summary>
    public Task Tidy(Func<CancellationToken, Task> work) => Begin(work, isLate: false, _stoppingToken);

    /// <summary>Begins something that should come to its end, also when everything is stopped.</summary>
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
            return _isDisposed && !isLate ? Task.CompletedTask : Add(Task.Run(() => TryAsync(work, cancellationToken), CancellationToken.None));
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

        // Seen, even where nobody waits any more.
        _ = task.Exception;
    }

    [LoggerMessage(LogLevel.Warning, "References of merged commits could not be brought up to date at the remote; the next sweep tries again")]
    private partial void LogNotTidied(Exception exception);
}
