using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A clock that stands still until it is advanced, and tells which timers have been made.</summary>
internal sealed class RecordingTimeProvider : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _dueTimes = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _dueTimes.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until a timer has been made that is due after a time, and forgets those made before it.</summary>
    public async Task WaitForTimerAsync(TimeSpan dueTime)
    {
        while (await _dueTimes.Reader.ReadAsync(TestContext.Current.CancellationToken) != dueTime)
        {
        }
    }
}
