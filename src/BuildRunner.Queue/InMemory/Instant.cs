namespace BuildRunner.Queue.InMemory;

/// <summary>A moment in milliseconds since 1970, rounded both ways so that nothing is ever early.</summary>
internal readonly record struct Instant(long Floor, long Ceiling)
{
    public static Instant Of(TimeProvider timeProvider)
    {
        var time = timeProvider.GetUtcNow();
        var floor = time.ToUnixTimeMilliseconds();
        return new(floor, time.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? floor : floor + 1);
    }

    /// <summary>Gets from when something is visible. At once is now and never the past, or what is fresh would go before all that is overdue.</summary>
    public long After(TimeSpan delay) => delay <= TimeSpan.Zero ? Floor : Ceiling + (long)Math.Ceiling(delay.TotalMilliseconds);
}
