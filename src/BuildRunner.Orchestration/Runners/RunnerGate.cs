namespace BuildRunner.Orchestration;

/// <summary>Holds back all calls of a runner that asks for a pause or is away. Then one call tries, and the others follow.</summary>
internal sealed class RunnerGate(BuildRunnerOptions options, TimeProvider timeProvider)
{
    // A few failing builds may be at fault themselves.
    private const int BuildsOfOutage = 5;

    // An absurd value would stop all builds of the runner. The build that got it waits for all of it.
    private static readonly TimeSpan LongestLimit = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly HashSet<Guid> _failed = [];
    private readonly long _origin = timeProvider.GetTimestamp();

    private TimeSpan _limitEndsAt;
    private TimeSpan _outageEndsAt;
    private TimeSpan _closedAt = TimeSpan.MinValue;
    private bool _isOpen = true;
    private TaskCompletionSource? _try;
    private int _pauses;

    private TimeSpan ClosedUntil => _limitEndsAt > _outageEndsAt ? _limitEndsAt : _outageEndsAt;

    private TimeSpan Now => timeProvider.GetElapsedTime(_origin);

    /// <summary>Enters the gate, after a short wait for the call that tries, if any.</summary>
    /// <returns>How long to wait, or <see langword="null"/> to go ahead; and whether it is the call that tries, which must leave.</returns>
    public async Task<(TimeSpan? Wait, bool IsTrying)> EnterAsync(TimeSpan longestWait, CancellationToken cancellationToken)
    {
        var start = Now;
        while (true)
        {
            Task trying;
            TimeSpan left;
            lock (_lock)
            {
                if (_isOpen)
                {
                    return (null, false);
                }

                var now = Now;
                if (now < ClosedUntil)
                {
                    return (ClosedUntil - now, false);
                }

                if (_try is null)
                {
                    _try = new(TaskCreationOptions.RunContinuationsAsynchronously);
                    return (null, true);
                }

                trying = _try.Task;
                left = start + longestWait - now;
            }

            try
            {
                await trying.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, timeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return (longestWait, false);
            }
        }
    }

    public void Leave()
    {
        TaskCompletionSource? ended;
        lock (_lock)
        {
            (ended, _try) = (_try, null);
        }

        ended?.TrySetResult();
    }

    /// <summary>Notes an answer, which does not end a limit that the runner has set.</summary>
    public void Answered()
    {
        lock (_lock)
        {
            _failed.Clear();
            (_pauses, _outageEndsAt) = (0, default);
            _isOpen = Now >= _limitEndsAt;
        }
    }

    public void Limit(TimeSpan retryAfter)
    {
        lock (_lock)
        {
            var now = Now;
            var end = now + (retryAfter < LongestLimit ? retryAfter : LongestLimit);
            _limitEndsAt = end > _limitEndsAt ? end : _limitEndsAt;
            (_isOpen, _closedAt) = (false, now);
        }
    }

    /// <summary>Notes a failed call about a build that may succeed soon.</summary>
    public void Failed(Guid id, long start)
    {
        lock (_lock)
        {
            // What was under way when the gate was closed says nothing new, and nor does a build that did not wait for it.
            var now = Now;
            if (timeProvider.GetElapsedTime(_origin, start) < _closedAt || (!_isOpen && now < ClosedUntil))
            {
                return;
            }

            _failed.Add(id);
            if (_isOpen && _failed.Count < BuildsOfOutage)
            {
                return;
            }

            _outageEndsAt = now + RunnerTimes.OutagePause(options, ++_pauses);
            (_isOpen, _closedAt) = (false, now);
        }
    }
}
