using BuildRunner.Orchestration.Runners;

namespace BuildRunner.Orchestration.Configuration;

/// <summary>Provides the time limits of observers.</summary>
internal static class ObserverTimes
{
    /// <summary>The longest time for one observer.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(1);

    // The limit of a queue handler.
    private static readonly TimeSpan MaxStep = TimeSpan.FromDays(7);

    /// <summary>Gets the time that all observers together may take for one change.</summary>
    public static TimeSpan LongestStep(BuildObserverOptions options, int observers) =>
        (observers * (options.CallTimeout < Max ? options.CallTimeout : Max)) + RunnerTimes.StoreTime;

    /// <summary>Gets the longest time for each of a number of observers.</summary>
    public static TimeSpan MaxOf(int observers) =>
        TimeSpan.FromTicks((MaxStep - RunnerTimes.StoreTime).Ticks / Math.Max(1, observers)) is var share && share < Max ? share : Max;
}
