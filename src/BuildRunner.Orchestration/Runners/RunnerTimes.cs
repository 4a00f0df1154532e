namespace BuildRunner.Orchestration;

internal static class RunnerTimes
{
    /// <summary>How long a step waits for its turn before it comes back later.</summary>
    public static readonly TimeSpan PermitWait = TimeSpan.FromSeconds(5);

    /// <summary>For how long a step tries to save something.</summary>
    public static readonly TimeSpan StoreTime = TimeSpan.FromSeconds(30);

    /// <summary>The delay of a poll after a signal, and so the minimum time between two signalled polls.</summary>
    public static readonly TimeSpan SignalDelay = TimeSpan.FromMilliseconds(500);

    private const double MaxJitter = 0.2;

    // The first pauses may be the longest ones. In an outage a slot that each of them frees lets all builds that wait try at once.
    private const int TriesInSlot = 3;

    // A hint is bounded as for those who wait in process.
    private static readonly TimeSpan MinHint = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxHint = TimeSpan.FromMinutes(10);

    // A step that waits for its turn comes back every few seconds, and a runner that hangs lets nobody have one.
    private static readonly TimeSpan LongestAftercare = TimeSpan.FromHours(1);

    // How late the call may be that shows whether a runner is back.
    private static readonly TimeSpan FailureMemory = TimeSpan.FromMinutes(10);

    // An absurd value is no error: the deadline ends the build long before.
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(30);

    // A person needs minutes to fix a setup, and refused credentials may lock an account, but builds wait for the rest of the pause.
    private static readonly TimeSpan SetupDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxSetupDelay = TimeSpan.FromMinutes(5);

    // How long a last call waits for overdue polls of other builds and for the lease of a killed process, unless the grace is shorter.
    private static readonly TimeSpan LastTurn = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstSaveDelay = TimeSpan.FromMilliseconds(100);

    // The longest step saves what was kept, looks a key up, triggers, cancels what is not needed, and saves that. One that cancels and
    // polls waits for two turns, each behind a call that tries and behind the rate.
    public static TimeSpan LongestStep(BuildRunnerOptions options) =>
        (4 * PermitWait) + options.TriggerTimeout + (2 * options.CallTimeout) + (2 * StoreTime);

    public static TimeSpan TriggerSettlesIn(BuildRunnerOptions options) => 2 * options.TriggerTimeout;

    // Longer than the longest pause that follows from a failure, or its runner would look healthy while nobody calls it.
    public static TimeSpan MemoryOf(BuildRunnerOptions options, TimeSpan? retryAfter)
    {
        TimeSpan[] pauses = [LongestPause(options), TriggerSettlesIn(options) * (1 + MaxJitter), Bounded(retryAfter) * (1 + MaxJitter)];
        return pauses.Max() + FailureMemory;
    }

    /// <summary>The pause after so many saves in a row that failed: none after the first, and then twice as long each time.</summary>
    public static TimeSpan SaveDelay(int failures, TimeSpan longest)
    {
        var delay = failures == 1 ? TimeSpan.Zero : FirstSaveDelay * Math.Pow(2, Math.Min(failures, 30) - 2);
        return delay < longest ? delay : longest;
    }

    /// <summary>Gets until when to cancel an ended build that may still run: an hour from when its runner may be called.</summary>
    public static DateTimeOffset? AftercareEndsAt(Build build) =>
        (build.Bookkeeping.NotBefore > build.EndedAt ? build.Bookkeeping.NotBefore : build.EndedAt) + LongestAftercare;

    /// <summary>The pause after so many errors in a row: it doubles, half of it is random, and it is what the runner asks for at
    /// least.</summary>
    public static TimeSpan RetryDelay(BuildRunnerOptions options, int errors, Exception exception)
    {
        var longest = Grown(options.RetryDelay, errors, options.MaxRetryDelay);
        if (exception is BuildRunnerConfigurationException)
        {
            longest = Longer(longest, Grown(SetupDelay, errors, MaxSetupDelay));
        }

        return Longer(HalfRandom(longest), Later(Bounded((exception as BuildRunnerException)?.RetryAfter)));
    }

    /// <summary>Whether a build waits for too long after so many errors in a row to keep its slot. Only the runner asks for more than the
    /// longest pause.</summary>
    public static bool IsTooLongInSlot(BuildRunnerOptions options, int errors, TimeSpan pause) =>
        pause > RoundUp(options.MaxRetryDelay) || (errors >= TriesInSlot && pause >= options.MaxRetryDelay / 2);

    /// <summary>The pause after an attempt: it doubles with each, and half of it is random.</summary>
    public static TimeSpan AttemptDelay(RetryOptions options, int attempt) =>
        HalfRandom(Grown(options.Delay, attempt, options.MaxDelay));

    public static TimeSpan PollDelay(BuildRunnerOptions options, BuildStatus status, TimeSpan? hint) => Later(
        hint is { } value ? Between(MinHint, value, MaxHint)
        : status == BuildStatus.Running ? options.RunningPollDelay
        : options.AcceptedPollDelay);

    /// <summary>Gets the pause of all polls after a number of calls that found the runner still away.</summary>
    public static TimeSpan OutagePause(BuildRunnerOptions options, int tries) =>
        HalfRandom(Grown(options.RetryDelay, tries, options.MaxRetryDelay));

    // After a pause that is still to be kept, its turn and the calls: a cancel and a poll, and a look-up before them where the id is not
    // known.
    public static DateTimeOffset LastCallEndsAt(Build build, BuildRunnerOptions options, DateTimeOffset now)
    {
        var pause = Between(TimeSpan.Zero, build.Bookkeeping.NotBefore - now ?? TimeSpan.Zero, LongestPause(options));
        var turn = options.Grace < LastTurn ? options.Grace : LastTurn;
        var calls = build.RemoteId is null ? 3 : 2;
        return now + RoundUp(pause + turn + (calls * options.CallTimeout));
    }

    /// <summary>A time that has passed for many at once: up to a fifth is added to it, so that they do not come back as one herd.</summary>
    public static TimeSpan Later(TimeSpan time) => RoundUp(time * (1 + (MaxJitter * Random.Shared.NextDouble())));

    /// <summary>Rounds up to whole milliseconds, as stores keep them.</summary>
    public static TimeSpan RoundUp(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    private static TimeSpan LongestPause(BuildRunnerOptions options) => Longer(options.MaxRetryDelay, MaxSetupDelay);

    private static TimeSpan Grown(TimeSpan first, int errors, TimeSpan longest) =>
        TimeSpan.FromMilliseconds(Math.Min(first.TotalMilliseconds * Math.Pow(2, Math.Min(errors - 1, 30)), longest.TotalMilliseconds));

    private static TimeSpan HalfRandom(TimeSpan longest) => RoundUp(longest * (0.5 + (0.5 * Random.Shared.NextDouble())));

    private static TimeSpan Longer(TimeSpan first, TimeSpan second) => first > second ? first : second;

    private static TimeSpan Bounded(TimeSpan? retryAfter) => Between(TimeSpan.Zero, retryAfter ?? TimeSpan.Zero, MaxRetryAfter);

    private static TimeSpan Between(TimeSpan least, TimeSpan value, TimeSpan most) =>
        value < least ? least : value > most ? most : value;
}
