namespace BuildRunner.Orchestration.Runners;

/// <summary>The pauses between the calls of a runner.</summary>
internal static class RunnerTimes
{
    /// <summary>How long a step waits for its turn before it comes back later.</summary>
    public static readonly TimeSpan PermitWait = TimeSpan.FromSeconds(5);

    /// <summary>For how long a failure says something about the runner.</summary>
    public static readonly TimeSpan FailureMemory = TimeSpan.FromMinutes(10);

    private const double MaxJitter = 0.2;

    // A hint is bounded as for those who wait in process.
    private static readonly TimeSpan MinHint = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxHint = TimeSpan.FromMinutes(10);

    // So that a figure without sense is no error: the deadline ends the build long before.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(30);

    private static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(30);

    /// <summary>How long all calls of one step may take together. The longest looks a key up, triggers, and cancels what is not needed.</summary>
    public static TimeSpan LongestStep(BuildRunnerOptions options) => PermitWait + options.TriggerTimeout + (2 * options.StatusTimeout) + StoreTime;

    /// <summary>From when after the mark of a trigger nobody can be in that call any more.</summary>
    public static TimeSpan TriggerSettlesIn(BuildRunnerOptions options) => 2 * options.TriggerTimeout;

    public static TimeSpan PollDelay(BuildRunnerOptions options, BuildStatus status, TimeSpan? hint)
    {
        var least = hint switch
        {
            null => status == BuildStatus.Running ? options.RunningPollDelay : options.AcceptedPollDelay,
            { } value when value < MinHint => MinHint,
            { } value when value > MaxHint => MaxHint,
            { } value => value,
        };
        return Later(least);
    }

    /// <summary>The pause after so many errors in a row: it doubles, half of it is random, and it is what the runner asks for at least.</summary>
    public static TimeSpan ErrorDelay(BuildRunnerOptions options, int errors, TimeSpan? retryAfter)
    {
        var longest = Math.Min(options.ErrorDelay.TotalMilliseconds * Math.Pow(2, Math.Min(errors - 1, 30)), options.MaxErrorDelay.TotalMilliseconds);
        var delay = TimeSpan.FromMilliseconds(Math.Ceiling(longest * (0.5 + (0.5 * Random.Shared.NextDouble()))));
        var asked = retryAfter is { } value && value > TimeSpan.Zero ? Later(value < MaxRetryAfter ? value : MaxRetryAfter) : TimeSpan.Zero;
        return asked > delay ? asked : delay;
    }

    /// <summary>A time that has passed for many at once: up to a fifth is added to it, so that they do not come back as one herd.</summary>
    public static TimeSpan Later(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds * (1 + (MaxJitter * Random.Shared.NextDouble()))));
}
