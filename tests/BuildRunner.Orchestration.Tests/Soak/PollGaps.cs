namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>The longest time between two polls of a running build of the healthy runner, with and without builds of the hanging one, in processes that are not killed.</summary>
internal sealed class PollGaps
{
    public PollGaps(IReadOnlyList<(PlannedBuild Plan, Build Build)> builds, SoakPlan plan, FaultyCi ci)
    {
        var keys = builds.ToDictionary(static item => item.Plan.Number, static item => item.Build.Request.TriggerKey!);
        Alone = [.. plan.Alone.SelectMany(build => ci.Of(keys[build.Number])).SelectMany(GapsOf)];
        Beside = [.. plan.Beside.SelectMany(build => ci.Of(keys[build.Number])).SelectMany(GapsOf)];
    }

    public List<TimeSpan> Beside { get; }

    public List<TimeSpan> Alone { get; }

    /// <summary>Gets the middle one: without end where nothing was polled twice before it had ended.</summary>
    public static TimeSpan MedianOf(List<TimeSpan> gaps) => gaps.Order().ElementAtOrDefault(gaps.Count / 2) is { Ticks: > 0 } median ? median : TimeSpan.MaxValue;

    // The longest of each build: one that waits for a hanging call has few pauses, and one long one.
    private static IEnumerable<TimeSpan> GapsOf(RemoteBuild build) =>
        build.Polls.Zip(build.Polls.Skip(1)).Where(static pair => pair.First.Answer == BuildStatus.Running).Select(static pair => pair.Second.At - pair.First.At).OrderDescending().Take(1);
}
