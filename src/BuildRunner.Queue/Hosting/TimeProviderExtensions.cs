namespace BuildRunner.Queue.Hosting;

internal static class TimeProviderExtensions
{
    /// <summary>Gets the length of a time in timestamps.</summary>
    public static long TimestampsIn(this TimeProvider timeProvider, TimeSpan time) =>
        (long)(time.TotalSeconds * timeProvider.TimestampFrequency);

    /// <summary>Gets the timestamp after a delay.</summary>
    public static long TimestampAfter(this TimeProvider timeProvider, TimeSpan delay)
    {
        var ticks = delay.TotalSeconds * timeProvider.TimestampFrequency;
        var now = timeProvider.GetTimestamp();
        return ticks >= long.MaxValue - now ? long.MaxValue : now + (long)Math.Ceiling(ticks);
    }
}
