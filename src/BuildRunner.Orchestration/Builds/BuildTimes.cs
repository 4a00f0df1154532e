namespace BuildRunner.Orchestration;

/// <summary>Limits and rounds the times of builds.</summary>
internal static class BuildTimes
{
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(365);

    /// <summary>The shortest limit of a part of a build's life.</summary>
    public static readonly TimeSpan MinLimit = TimeSpan.FromSeconds(1);

    /// <summary>Rounds up to whole milliseconds, as stores keep them.</summary>
    public static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
}
