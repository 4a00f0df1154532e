using BuildRunner.Orchestration.Runners;

namespace BuildRunner.Orchestration.Configuration;

/// <summary>How long it takes to tell observers.</summary>
internal static class ObserverTimes
{
    /// <summary>The longest that one may have.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(1);

    // That of a handler of the queue.
    private static readonly TimeSpan MaxStep = TimeSpan.FromDays(7);

    /// <summary>How long all observers may take together for one change.</summary>
    public static TimeSpan LongestStep(BuildObserverOptions options, int observers) =>
        (observers * (options.CallTimeout < Max ? options.CallTimeout : Max)) + RunnerTimes.StoreTime;

    /// <summary>The longest that each of so many may have.</summary>
    public static TimeSpan MaxOf(int observers) =>
        TimeSpan.FromTicks((MaxStep - RunnerTimes.StoreTime).Ticks / Math.Max(1, observers)) is var share && share < Max ? share : Max;
}
