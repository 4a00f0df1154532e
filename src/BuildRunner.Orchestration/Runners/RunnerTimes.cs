namespace BuildRunner.Orchestration.Runners;

/// <summary>The pauses between the calls of a runner.</summary>
internal static class RunnerTimes
{
    /// <summary>How long a step waits for its turn before it comes back later.</summary>
    public static readonly TimeSpan PermitWait = TimeSpan.FromSeconds(5);

    /// <summary>For how long a step tries to save something.</summary>
    public static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(30);

    private const double MaxJitter = 0.2;

    // A step that waits for its turn comes back every few seconds, and a runner that hangs lets nobody have one.
    private static readonly TimeSpan LongestAftercare = TimeSpan.FromHours(1);

    // How late the call may be that shows whether a runner is back.
    private static readonly TimeSpan FailureMemory = TimeSpan.FromMinutes(10);

    // A hint is bounded as for those who wait in process.
    private static readonly TimeSpan MinHint = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxHint = TimeSpan.FromMinutes(10);

    // So that a figure without sense is no error: the deadline ends the build long before.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(30);

    private static readonly TimeSpan FirstSaveDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>How long all calls of one step may take together. The longest saves what was kept, looks a key up, triggers, cancels what is not needed, and saves that.</summary>
    public static TimeSpan LongestStep(BuildRunnerOptions options) => PermitWait + options.TriggerTimeout + (2 * options.StatusTimeout) + (2 * StoreTime);

    /// <summary>From when after the mark of a trigger nobody can be in that call any more.</summary>
    public static TimeSpan TriggerSettlesIn(BuildRunnerOptions options) => 2 * options.TriggerTimeout;

    /// <summary>For how long a failure says something about the runner: longer than the longest pause that follows from it, or its runner would look healthy while nobody calls it.</summary>
    public static TimeSpan MemoryOf(BuildRunnerOptions options, TimeSpan? retryAfter)
    {
        TimeSpan[] pauses = [options.MaxErrorDelay, TriggerSettlesIn(options) * (1 + MaxJitter), Bounded(retryAfter) * (1 + MaxJitter)];
        return pauses.Max() + FailureMemory;
    }

    /// <summary>The pause after so many saves in a row that have failed: none after the first, because most faults are over at once, and then twice as long each time.</summary>
    public static TimeSpan SaveDelay(int failures, TimeSpan longest)
    {
        var delay = failures == 1 ? TimeSpan.Zero : FirstSaveDelay * Math.Pow(2, Math.Min(failures, 30) - 2);
        return delay < longest ? delay : longest;
    }

    /// <summary>Until when a build that has ended, and of which one may run on in the runner, is looked after: an hour from the time at which the runner may be asked. <see langword="null"/> for one that has not ended.</summary>
    public static DateTimeOffset? AftercareEndsAt(Build build) => (build.NotBefore > build.EndedAt ? build.NotBefore : build.EndedAt) + LongestAftercare;

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
        var asked = Later(Bounded(retryAfter));
        return asked > delay ? asked : delay;
    }

    /// <summary>A time that has passed for many at once: up to a fifth is added to it, so that they do not come back as one herd.</summary>
    public static TimeSpan Later(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds * (1 + (MaxJitter * Random.Shared.NextDouble()))));

    private static TimeSpan Bounded(TimeSpan? retryAfter) => retryAfter switch
    {
        null => TimeSpan.Zero,
        { } value when value < TimeSpan.Zero => TimeSpan.Zero,
        { } value when value > MaxRetryAfter => MaxRetryAfter,
        { } value => value,
    };
}
