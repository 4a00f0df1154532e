using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Tests.Waiting;

/// <summary>A fake clock that tells which timers are started, for how long, and how many of them are still there.</summary>
internal sealed class RecordingTimeProvider : TimeProvider
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<TimeSpan> _started = Channel.CreateUnbounded<TimeSpan>();
    private readonly DateTimeOffset _start;
    private int _liveTimers;

    public RecordingTimeProvider() => _start = _clock.GetUtcNow();

    public int LiveTimers => Volatile.Read(ref _liveTimers);

    public TimeSpan Elapsed => _clock.GetUtcNow() - _start;

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Interlocked.Increment(ref _liveTimers);
        var timer = new RecordedTimer(_clock.CreateTimer(callback, state, dueTime, period), () => Interlocked.Decrement(ref _liveTimers));
        _started.Writer.TryWrite(dueTime);
        return timer;
    }

    public void Advance(TimeSpan time) => _clock.Advance(time);

    /// <summary>Gets how long the next timer runs, as soon as it has been started. Throws if the wait ends instead.</summary>
    public async Task<TimeSpan> NextTimerAsync(Task wait)
    {
        var next = _started.Reader.ReadAsync().AsTask();
        if (await Task.WhenAny(next, wait) == wait)
        {
            await wait;
            throw new InvalidOperationException("The wait has ended without another timer.");
        }

        return await next;
    }

    /// <summary>Lets the next timer run down and gets how long it ran.</summary>
    public async Task<TimeSpan> PassDelayAsync(Task wait)
    {
        var delay = await NextTimerAsync(wait);
        Advance(delay);
        return delay;
    }

    /// <summary>Lets so many timers run down and gets how long each of them ran.</summary>
    public async Task<IReadOnlyList<TimeSpan>> PassDelaysAsync(int count, Task wait)
    {
        var delays = new TimeSpan[count];
        for (var i = 0; i < delays.Length; i++)
        {
            delays[i] = await PassDelayAsync(wait);
        }

        return delays;
    }

    private sealed class RecordedTimer(ITimer timer, Action disposed) : ITimer
    {
        private int _disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime, period);

        public void Dispose()
        {
            timer.Dispose();
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                disposed();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
