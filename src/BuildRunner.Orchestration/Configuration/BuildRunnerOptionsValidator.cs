namespace BuildRunner.Orchestration;

internal sealed class BuildRunnerOptionsValidator : IValidateOptions<BuildRunnerOptions>
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, BuildRunnerOptions options)
    {
        OptionsFailures failures = new($"The runner '{name}': {nameof(BuildRunnerOptions)}");
        var (concurrency, rate, grace, retry) = (options.Concurrency, options.CallsPerSecond, options.Grace, options.RetryDelay);
        var graceRange = $"more than twice {nameof(options.TriggerTimeout)}, which is '{options.TriggerTimeout}', and at most 30 days";
        failures.UnlessBetween(Millisecond, Hour, nameof(options.AcceptedPollDelay), options.AcceptedPollDelay, "1 millisecond to 1 hour");
        failures.UnlessBetween(Millisecond, Hour, nameof(options.RunningPollDelay), options.RunningPollDelay, "1 millisecond to 1 hour");
        failures.Unless(concurrency is >= 1 and <= 10_000, nameof(options.Concurrency), concurrency, "1 to 10000");
        failures.Unless(
            rate is null or (>= 0.0001 and <= 1_000_000), nameof(options.CallsPerSecond), rate, "0.0001 to 1000000, or null for no limit");
        failures.UnlessBetween(Millisecond, Day, nameof(options.TriggerTimeout), options.TriggerTimeout, "1 millisecond to 1 day");
        failures.UnlessBetween(Millisecond, Day, nameof(options.CallTimeout), options.CallTimeout, "1 millisecond to 1 day");
        failures.Unless(grace > 2 * options.TriggerTimeout && grace <= Month, nameof(options.Grace), grace, graceRange);
        failures.UnlessBetween(TimeSpan.Zero, Month, nameof(options.MissingGrace), options.MissingGrace, "zero to 30 days");
        failures.UnlessBetween(Millisecond, Day, nameof(options.RetryDelay), retry, "1 millisecond to 1 day");
        failures.UnlessBetween(
            retry, Day, nameof(options.MaxRetryDelay), options.MaxRetryDelay, $"{nameof(options.RetryDelay)} to 1 day");
        UnlessLimit(nameof(options.Timeout), options.Timeout);
        UnlessLimit(nameof(options.PendingTimeout), options.PendingTimeout);
        UnlessLimit(nameof(options.RunTimeout), options.RunTimeout);
        foreach (var failure in RetryRules.FailuresOf(options.Retry))
        {
            failures.Add($"The runner '{name}': {failure}");
        }

        failures.UnlessBetween(TimeSpan.Zero, Hour, nameof(options.SettleDelay), options.SettleDelay, "zero to 1 hour");
        failures.Unless(
            options.MaxInFlight is null or (>= 1 and <= 100_000),
            nameof(options.MaxInFlight),
            options.MaxInFlight,
            "1 to 100000, or null for no limit");
        failures.UnlessBetween(TimeSpan.Zero, Hour, nameof(options.MinInterval), options.MinInterval, "zero to 1 hour");
        failures.Unless(
            options.CooldownAfter is null or (>= 1 and <= 1000),
            nameof(options.CooldownAfter),
            options.CooldownAfter,
            "1 to 1000, or null for never");
        failures.UnlessBetween(Second, Day, nameof(options.Cooldown), options.Cooldown, "1 second to 1 day");
        failures.UnlessBetween(Second, Month, nameof(options.PriorityAgeing), options.PriorityAgeing, "1 second to 30 days");
        return failures.Result;

        void UnlessLimit(string option, TimeSpan? value) => failures.Unless(
            value is null || (value >= BuildSubmission.MinLimit && value <= BuildSubmission.MaxTimeout),
            option,
            value,
            "1 second to 365 days, or null");
    }
}
