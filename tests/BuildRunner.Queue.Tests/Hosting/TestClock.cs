using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>A clock that stands still until it is advanced, and knows which timers wait for it.</summary>
internal sealed class TestClock(Action changed) : FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero))
{
    private readonly Lock _gate = new();
    private readonly HashSet<Timer> _timers = [];
    private long _version;

    /// <summary>Gets a number that is another one whenever a timer has been armed, disarmed or has fired.</summary>
    public long Version
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    /// <summary>Gets how many pumps wait for the clock. Their timers are those that were not armed when they were made.</summary>
    public int WaitingPumps
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count(static timer => timer.IsOfPump && timer.DueAt is not null);
            }
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state, isOfPump: dueTime == Timeout.InfiniteTimeSpan);
        timer.Inner = base.CreateTimer(static state => ((Timer)state!).Fire(), timer, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Lets the time pass until the next timer fires, and no more. Does nothing if a timer has been touched meanwhile.</summary>
    /// <param name="version">The version at which nothing else could happen.</param>
    public void AdvanceToNextTimer(long version)
    {
        DateTimeOffset next;
        lock (_gate)
        {
            if (_version != version || _timers.Min(static timer => timer.DueAt) is not { } dueAt)
            {
                return;
            }

            next = dueAt;
        }

        Advance(next - GetUtcNow());
    }

    private void Set(Timer timer, DateTimeOffset? dueAt)
    {
        lock (_gate)
        {
            _version++;
            timer.DueAt = dueAt;
            _timers.Add(timer);
        }

        changed();
    }

    private void Remove(Timer timer)
    {
        lock (_gate)
        {
            _version++;
            _timers.Remove(timer);
        }

        changed();
    }

    private sealed class Timer(TestClock clock, TimerCallback callback, object? state, bool isOfPump) : ITimer
    {
        public ITimer Inner { get; set; } = null!;

        public bool IsOfPump { get; } = isOfPump;

        public DateTimeOffset? DueAt { get; set; }

        public void Fire()
        {
            clock.Set(this, null);
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            // Known to be armed only when it is, or the clock could be advanced in between.
            clock.Set(this, null);
            var isChanged = Inner.Change(dueTime, period);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock.Set(this, clock.GetUtcNow() + dueTime);
            }

            return isChanged;
        }

        public void Dispose()
        {
            clock.Remove(this);
            Inner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            clock.Remove(this);
            return Inner.DisposeAsync();
        }
    }
}
