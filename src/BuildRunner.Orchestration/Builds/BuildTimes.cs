namespace BuildRunner.Orchestration;

/// <summary>Limits and rounding of the times of builds.</summary>
internal static class BuildTimes
{
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(365);

    /// <summary>Whole milliseconds, as stores keep them, and never less.</summary>
    public static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
}
