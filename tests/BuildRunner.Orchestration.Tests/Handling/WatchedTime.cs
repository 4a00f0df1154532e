using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>A clock that says when somebody begins to wait for it, so that a test moves it neither too early nor by chance.</summary>
internal sealed class WatchedTime(DateTimeOffset start) : FakeTimeProvider(start)
{
    private static readonly TimeSpan Safety = TimeSpan.FromMinutes(1);

    private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Lets each wait that is no longer than was said pass as it is begun, until something has completed.</summary>
    public async Task RunUntilAsync(Task end, TimeSpan longestWait)
    {
        while (!end.IsCompleted)
        {
            var next = _waits.Reader.WaitToReadAsync().AsTask();
            await Task.WhenAny(end, next).WaitAsync(Safety);
            while (!end.IsCompleted && _waits.Reader.TryRead(out var wait))
            {
                if (wait <= longestWait && wait > TimeSpan.Zero)
                {
                    Advance(wait);
                }
            }
        }
    }
}
