namespace BuildRunner.Http.Sending;

/// <summary>Keeps a wait that the service has asked for, and the last fifth of a known budget for what must not wait.</summary>
internal sealed class RequestGate(TimeProvider time)
{
    private const int Reserve = 5;

    private const double MaxStretch = 60;

    // A refusal that says no time: the services' own advice is a minute at least.
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(1);

    // A longer wait is asked for again after this time: no header may stop a runner for good.
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

    // Not the clock on the wall, which may be set.
    private TimeSpan Now => time.GetElapsedTime(_origin);

    /// <summary>Tells how long a call has to wait, or null if it may go. A poll waits where others may still go.</summary>
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

    /// <summary>Takes the next turn to write and gives when it comes, or no turn and how long that would be waited for.</summary>
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

    /// <summary>Gives back a turn whose caller has left before it came.</summary>
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
                // The longest wait of a period is how long it is, as far as that was seen.
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

    /// <summary>Bounds a wait that a service asks for.</summary>
    public static TimeSpan? Bound(TimeSpan? wait) => wait is { } asked ? Least(asked, MaxWait) : null;

    /// <summary>Tells how many times as old as usual an answer may be, so that the budget lasts until it is whole again.</summary>
    public double Stretch()
    {
        lock (_lock)
        {
            var left = _resetsAt - Now;
            if (_limit is not > 0 || _remaining is null || left <= TimeSpan.Zero || _window <= TimeSpan.Zero)
            {
                return 1;
            }

            // The share of the time that is left, by the share of what polls may use that is left.
            var usable = _limit.Value - (_limit.Value / Reserve);
            var unused = Math.Max(1, _remaining.Value - (_limit.Value / Reserve));
            return Math.Clamp(left / _window * usable / unused, 1, MaxStretch);
        }
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
