namespace BuildRunner.Queue.Sessions;

/// <summary>Represents a reading of the database's clock, made after the rows that it decides about were locked.</summary>
/// <param name="Microseconds">The microseconds since 1970 in UTC. A coarser clock rounds up in the millisecond: nothing is early.</param>
internal readonly record struct QueueClock(long Microseconds)
{
    /// <summary>Gets the full milliseconds since 1970. A message is due if its <c>visible_after</c> is at most this.</summary>
    public long Floor => Microseconds / 1000;

    /// <summary>Gets the time after a delay in milliseconds since 1970, never too early. Zero or less means now, never the past: new
    /// messages must not overtake overdue ones.</summary>
    public long After(TimeSpan delay) =>
        delay <= TimeSpan.Zero ? Floor : ((Microseconds + 999) / 1000) + (long)Math.Ceiling(delay.TotalMilliseconds);
}
