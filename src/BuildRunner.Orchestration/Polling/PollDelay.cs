using BuildRunner.Orchestration.Runners;

namespace BuildRunner.Orchestration;

/// <summary>Computes the pause between polls.</summary>
internal static class PollDelay
{
    /// <summary>The delay of a poll after a signal, and so the minimum time between two signalled polls.</summary>
    public static readonly TimeSpan AfterSignal = TimeSpan.FromMilliseconds(500);

    // A hint is bounded as for those who wait in process.
    private static readonly TimeSpan MinHint = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxHint = TimeSpan.FromMinutes(10);

    public static TimeSpan Of(BuildRunnerOptions options, BuildStatus status, TimeSpan? hint) => RunnerTimes.Later(hint switch
    {
        null => status == BuildStatus.Running ? options.RunningPollDelay : options.AcceptedPollDelay,
        { } value when value < MinHint => MinHint,
        { } value when value > MaxHint => MaxHint,
        { } value => value,
    });
}
