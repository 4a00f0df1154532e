namespace BuildRunner.Queue.Hosting;

internal static class TimeProviderExtensions
{
    public static long TimestampsIn(this TimeProvider timeProvider, TimeSpan time) =>
        (long)(time.TotalSeconds * timeProvider.TimestampFrequency);

    public static long TimestampAfter(this TimeProvider timeProvider, TimeSpan delay)
    {
        var ticks = delay.TotalSeconds * timeProvider.TimestampFrequency;
        var now = timeProvider.GetTimestamp();
        return ticks >= long.MaxValue - now ? long.MaxValue : now + (long)Math.Ceiling(ticks);
    }
}
