namespace BuildRunner.Orchestration;

internal sealed class BuildObserverOptionsValidator(IEnumerable<ObserverRegistration> observers) : IValidateOptions<BuildObserverOptions>
{
    private static readonly TimeSpan MaxCallTimeout = TimeSpan.FromDays(1);

    // The limits of a consumer of the queue.
    private static readonly TimeSpan MaxStep = TimeSpan.FromDays(7);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    /// <summary>Gets the time that all observers together may take for one change.</summary>
    public static TimeSpan LongestStep(BuildObserverOptions options, int observers) =>
        (observers * Shorter(options.CallTimeout, MaxCallTimeout)) + RunnerTimes.StoreTime;

    /// <summary>Gets the longest time for each of a number of observers.</summary>
    public static TimeSpan LongestCall(int observers) =>
        Shorter(TimeSpan.FromTicks((MaxStep - RunnerTimes.StoreTime).Ticks / Math.Max(1, observers)), MaxCallTimeout);

    public ValidateOptionsResult Validate(string? name, BuildObserverOptions options)
    {
        OptionsFailures failures = new(nameof(BuildObserverOptions));
        var (call, delay, count) = (options.CallTimeout, options.RetryDelay, observers.Count());
        var longest = LongestCall(count);
        var inTime = $"more than zero and at most '{longest}', so that all observers are told in time (there are {count})";
        failures.Unless(call > TimeSpan.Zero && call <= longest, nameof(options.CallTimeout), call, inTime);
        failures.Unless(options.MaxAttempts is >= 1 and <= 1000, nameof(options.MaxAttempts), options.MaxAttempts, "1 to 1000");
        failures.UnlessBetween(TimeSpan.Zero, MaxDelay, nameof(options.RetryDelay), delay, "zero to 7 days");
        failures.UnlessBetween(
            delay, MaxDelay, nameof(options.MaxRetryDelay), options.MaxRetryDelay, $"{nameof(options.RetryDelay)} to 7 days");
        failures.Unless(options.Concurrency is >= 1 and <= 10_000, nameof(options.Concurrency), options.Concurrency, "1 to 10000");
        return failures.Result;
    }

    private static TimeSpan Shorter(TimeSpan first, TimeSpan second) => first < second ? first : second;
}
