namespace BuildRunner.Http.Sending;

/// <summary>Enforces the wait that a service asks for, and reserves the last fifth of a known budget for calls other than polls.</summary>
internal sealed class RequestGate(TimeProvider time)
{
    private const int Reserve = 5;

    private const double MaxStretch = 60;

    // For a refusal without a time. The services recommend at least a minute.
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(1);

    // Longer waits are cut to this, so that no header can stop a runner for good.
    private static readonly TimeSpan MaxWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan MaxWindow = TimeSpan.FromDays(365);

    private readonly Lock _lock = new();
    private readonly long _origin = time.GetTimestamp();
    private readonly SortedSet<TimeSpan> _turns = [];

    private TimeSpan _closedUntil;
    private TimeSpan _resetsAt;
    private TimeSpan _observedAt;
    private TimeSpan _window;
    private long? _limit;
    private long? _remaining;

    // Independent of the system time, which may be set.
    private TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>
    /// Gets the time that a call has to wait, or null if it may be sent. A poll may have to wait while other calls need not.
    /// </summary>
    public TimeSpan? WaitOf(bool isPoll)
    {
        lock (_lock)
        {
            var now = Now;
            if (now < _closedUntil)
            {
                return _closedUntil - now;
            }

            var wait = Least(_resetsAt, _observedAt + MaxWait) - now;
            return isPoll && wait > TimeSpan.Zero && _remaining * Reserve <= _limit ? wait : null;
        }
    }

    /// <summary>Takes the next turn to write and returns its time, or returns no turn and how long the wait would be.</summary>
    public (TimeSpan? Turn, TimeSpan Wait) TakeTurn(TimeSpan interval, TimeSpan longest)
    {
        lock (_lock)
        {
            var now = Now;
            _turns.RemoveWhere(taken => taken + interval <= now);
            var turn = now;
            foreach (var taken in _turns)
            {
                if (turn + interval <= taken)
                {
                    break;
                }

                turn = taken + interval;
            }

            if (turn - now >= longest)
            {
                return (null, turn - now);
            }

            _turns.Add(turn);
            return (turn, turn - now);
        }
    }

    /// <summary>Returns a turn whose caller has left before it came.</summary>
    public void LeaveTurn(TimeSpan turn)
    {
        lock (_lock)
        {
            _turns.Remove(turn);
        }
    }

    public void Observe(HttpQuota quota, bool isRefusal)
    {
        lock (_lock)
        {
            var now = Now;
            if (quota is { Limit: { } limit, Remaining: { } remaining, ResetAfter: { } resetAfter })
            {
                // The longest time until a reset is the best known length of the window.
                resetAfter = Least(resetAfter, MaxWindow);
                _window = now >= _resetsAt || resetAfter > _window ? resetAfter : _window;
                (_limit, _remaining, _resetsAt, _observedAt) = (limit, remaining, now + resetAfter, now);
            }

            var wait = quota.RetryAfter ?? (isRefusal ? quota.ResetAfter ?? Unsaid : quota.Remaining == 0 ? quota.ResetAfter : null);
            if (wait is { } asked)
            {
                var until = now + Least(asked, MaxWait);
                _closedUntil = until > _closedUntil ? until : _closedUntil;
            }
        }
    }

    /// <summary>Limits a wait that a service asks for.</summary>
    public static TimeSpan? Bound(TimeSpan? wait) => wait is { } asked ? Least(asked, MaxWait) : null;

    /// <summary>Gets the factor by which the age of answers must grow so that the budget lasts until it is reset.</summary>
    public double Stretch()
    {
        lock (_lock)
        {
            var left = _resetsAt - Now;
            if (_limit is not > 0 || _remaining is null || left <= TimeSpan.Zero || _window <= TimeSpan.Zero)
            {
                return 1;
            }

            // The remaining share of the time, divided by the remaining share of the budget for polls.
            var usable = _limit.Value - (_limit.Value / Reserve);
            var unused = Math.Max(1, _remaining.Value - (_limit.Value / Reserve));
            return Math.Clamp(left / _window * usable / unused, 1, MaxStretch);
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
