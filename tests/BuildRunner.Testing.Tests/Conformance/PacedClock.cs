using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Testing.Tests;

/// <summary>A fake clock that knows when somebody waits on it, so that time can pass for who waits and for nobody else.</summary>
internal sealed class PacedClock : TimeProvider
{
    private readonly FakeTimeProvider _clock = new();
    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => _clock.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _clock.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    public void Advance(TimeSpan time) => _clock.Advance(time);

    /// <summary>Waits until the call has completed, or until somebody waits on the clock and that wait has run down.</summary>
    public async Task PaceAsync(Task running, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        TimeSpan wait;
        while (!_waits.Reader.TryRead(out wait))
        {
            await Task.WhenAny(running, _waits.Reader.WaitToReadAsync(stop.Token).AsTask());
            if (running.IsCompleted || cancellationToken.IsCancellationRequested)
            {
                await stop.CancelAsync();
                return;
            }
        }

        Advance(wait);
    }
}
