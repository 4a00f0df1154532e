namespace BuildRunner;

/// <summary>Polls one build for one caller.</summary>
internal sealed class BuildPoll : IDisposable
{
    private const int MaxErrorsInARow = 5;
    private const double MaxJitter = 0.2;

    private static readonly TimeSpan DelayWhileRunning = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan DelayOtherwise = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MinHint = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan MaxHint = TimeSpan.FromMinutes(10);

    private readonly IBuildRunner _runner;
    private readonly BuildId _buildId;
    private readonly BuildWaitOptions _options;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource? _deadline;
    private readonly CancellationTokenSource _stop;

    private BuildStatus _status;
    private TimeSpan _delay;
    private int _errorsInARow;
    private BuildRunnerException? _lastError;

    public BuildPoll(IBuildRunner runner, BuildId buildId, BuildWaitOptions options, CancellationToken cancellationToken)
    {
        _runner = runner;
        _buildId = buildId;
        _options = options;
        _callerToken = cancellationToken;
        _deadline = options.Timeout is { } timeout ? new CancellationTokenSource(timeout, options.TimeProvider) : null;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline?.Token ?? CancellationToken.None);
    }

    // Both, because the call may see the caller's token before the linked one does.
    private bool IsStopped => _callerToken.IsCancellationRequested || _stop.IsCancellationRequested;

    /// <summary>Waits for the current delay, which is zero at first, and polls until the runner answers.</summary>
    public async Task<BuildSnapshot> NextAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_delay, _options.TimeProvider, _stop.Token).ConfigureAwait(false);
                if (await TryAskAsync().ConfigureAwait(false) is { } snapshot)
                {
                    return snapshot;
                }
            }
        }
        catch (OperationCanceledException) when (IsStopped)
        {
            _callerToken.ThrowIfCancellationRequested();
            throw new TimeoutException(
                $"The build '{_buildId}' has not ended within {_options.Timeout}; its last known status is {_status}. It was not "
                + "cancelled.",
                _lastError);
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _deadline?.Dispose();
    }

    private async Task<BuildSnapshot?> TryAskAsync()
    {
        try
        {
            var snapshot = await AskAsync().ConfigureAwait(false);
            _status = snapshot.Status;
            _errorsInARow = 0;
            _lastError = null;
            _delay = NextDelay(snapshot.PollAfter);
            return snapshot;
        }
        catch (BuildRunnerException exception) when (exception.IsTransient && _errorsInARow < MaxErrorsInARow - 1)
        {
            _errorsInARow++;
            _lastError = exception;
            _delay = NextDelay(exception.RetryAfter);
            return null;
        }
    }

    private async Task<BuildSnapshot> AskAsync()
    {
        // The caller's own token, so that a mock that was set up with it, or with none, recognises the call.
        var call = _runner.StatusAsync(_buildId, _callerToken);
        if (call is null)
        {
            throw NothingReturned("task");
        }

        try
        {
            // WaitAsync, because the call does not know the deadline, and a runner may ignore its token.
            return await call.WaitAsync(_stop.Token).ConfigureAwait(false) is { HasStatus: true } snapshot
                ? snapshot
                : throw NothingReturned("snapshot with a status");
        }
        catch (OperationCanceledException exception) when (!IsStopped)
        {
            throw new InvalidOperationException(
                $"{_runner.GetType()} ended StatusAsync of the build '{_buildId}' as cancelled although nobody had cancelled it; a timeout "
                + $"must be a transient {nameof(BuildRunnerException)}.",
                exception);
        }
        finally
        {
            if (!call.IsCompleted)
            {
                // An abandoned call may fail later, and nothing else observes its exception.
                _ = call.ContinueWith(
                    static late => late.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }
    }

    private InvalidOperationException NothingReturned(string what) => new(
        $"{_runner.GetType()} returned no {what} from StatusAsync of the build '{_buildId}'; it must return a snapshot. If it is a "
        + "substitute, set up its return value.");

    private TimeSpan NextDelay(TimeSpan? hint)
    {
        var least = hint switch
        {
            null => _status is BuildStatus.Running ? DelayWhileRunning : DelayOtherwise,
            { } value when value < MinHint => MinHint,
            { } value when value > MaxHint => MaxHint,
            { } value => value,
        };

        // Whole milliseconds, rounded up, because a timer truncates the rest.
        return TimeSpan.FromMilliseconds(Math.Ceiling(least.TotalMilliseconds * (1 + (MaxJitter * Random.Shared.NextDouble()))));
    }
}
