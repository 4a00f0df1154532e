using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Fakes;

/// <summary>A clock on which a pause is over as soon as it is waited for. The limit of a call is longer, and is never reached.</summary>
internal sealed class HastyTime : FakeTimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    public HastyTime()
        : base(new DateTimeOffset(2026, 11, 29, 12, 0, 0, TimeSpan.Zero))
    {
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime >= TimeSpan.Zero && dueTime <= LongestPause)
        {
            // Not at once, when who waits does not have the timer yet.
            _ = Task.Run(() => Advance(dueTime));
        }

        return timer;
    }
}
