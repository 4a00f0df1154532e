namespace BuildRunner.Queue.Hosting;

/// <summary>Wakes a pump, at once or at a given time. Wakes before its next look are merged.</summary>
internal sealed class PumpSignal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private readonly ITimer _timer;
    private TaskCompletionSource? _waiter;
    private long _wakeAt = long.MaxValue;

    public PumpSignal(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _timer = timeProvider.CreateTimer(
            static state => ((PumpSignal)state!).Check(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Wake() => WakeAt(long.MinValue);

    public void WakeAfter(TimeSpan delay) => WakeAt(delay <= TimeSpan.Zero ? long.MinValue : _timeProvider.TimestampAfter(delay));

    public void Reset()
    {
        lock (_gate)
        {
            _wakeAt = long.MaxValue;
        }
    }

    public Task WaitAsync(long deadline)
    {
        lock (_gate)
        {
            _wakeAt = Math.Min(_wakeAt, deadline);
            if (_wakeAt <= _timeProvider.GetTimestamp())
            {
                return Task.CompletedTask;
            }

            TaskCompletionSource waiter = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiter = waiter;

            // The timer of a test may fire in here.
            SetTimer();
            return waiter.Task;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void WakeAt(long timestamp)
    {
        lock (_gate)
        {
            if (timestamp < _wakeAt)
            {
                _wakeAt = timestamp;
                if (_waiter is not null)
                {
                    Release();
                }
            }
        }
    }

    private void Check()
    {
        lock (_gate)
        {
            if (_waiter is not null)
            {
                Release();
            }
        }
    }

    private void Release()
    {
        if (_wakeAt > _timeProvider.GetTimestamp())
        {
            SetTimer();
            return;
        }

        // A pump that is not waiting needs no timer.
        _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _waiter!.TrySetResult();
        _waiter = null;
    }

    private void SetTimer()
    {
        // A timer counts whole milliseconds, up to int.MaxValue; it is set again for what is later.
        var milliseconds = _wakeAt == long.MaxValue
            ? long.MaxValue
            : (long)Math.Ceiling(_timeProvider.GetElapsedTime(_timeProvider.GetTimestamp(), _wakeAt).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(milliseconds, 0, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }
}
