namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>The time of the system, but for how long something takes: that is as long as a test says, however busy the machine is.</summary>
/// <param name="step">How far the time has gone on at each look at it.</param>
internal sealed class SteppedTime(TimeSpan step) : TimeProvider
{
    private long _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Add(ref _now, step.Ticks);
}
