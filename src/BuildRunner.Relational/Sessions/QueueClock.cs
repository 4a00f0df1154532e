namespace BuildRunner.Relational;

/// <summary>
/// Represents one reading of the database's clock, read after what is decided by it was locked.
/// </summary>
/// <param name="Microseconds">The microseconds since 1970 in UTC. A database that knows less rounds up, which is never early.</param>
/// <remarks>Times in the tables are whole milliseconds.</remarks>
internal readonly record struct QueueClock(long Microseconds)
{
    /// <summary>
    /// Gets the milliseconds that have passed in full. What is visible after that, or earlier, is due.
    /// </summary>
    public long Floor => Microseconds / 1000;

    /// <summary>
    /// Gets the time of something that comes after a delay: never too early.
    /// </summary>
    /// <param name="delay">The delay. Zero or less means now, and never the past, or what is fresh would go before all that is overdue.</param>
    /// <returns>The time in milliseconds since 1970.</returns>
    public long After(TimeSpan delay) => delay <= TimeSpan.Zero ? Floor : ((Microseconds + 999) / 1000) + (long)Math.Ceiling(delay.TotalMilliseconds);
}
