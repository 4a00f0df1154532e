namespace BuildRunner.Queue.Sessions;

/// <summary>One reading of the database's clock, made after what is decided by it was locked.</summary>
/// <param name="Microseconds">The microseconds since 1970 in UTC. A database that knows less rounds up within the millisecond, so that
/// nothing is early.</param>
internal readonly record struct QueueClock(long Microseconds)
{
    /// <summary>Gets the milliseconds that have passed in full. What is visible after that, or earlier, is due.</summary>
    public long Floor => Microseconds / 1000;

    /// <summary>Gets the time after a delay in milliseconds since 1970: never too early. Zero or less means now, and never the past, or
    /// what is fresh would go before all that is overdue.</summary>
    public long After(TimeSpan delay) =>
        delay <= TimeSpan.Zero ? Floor : ((Microseconds + 999) / 1000) + (long)Math.Ceiling(delay.TotalMilliseconds);
}
