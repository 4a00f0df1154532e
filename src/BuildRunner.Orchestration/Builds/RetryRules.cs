namespace BuildRunner.Orchestration;

/// <summary>Validates <see cref="RetryOptions"/>.</summary>
internal static class RetryRules
{
    private const RetryKinds All = RetryKinds.Infra | RetryKinds.PendingTimeout | RetryKinds.Cancelled | RetryKinds.Code;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static IEnumerable<string> FailuresOf(RetryOptions? options)
    {
        if (options is null)
        {
            return [$"{nameof(RetryOptions)} is null; leave the default, or set {nameof(options.MaxAttempts)} to 1."];
        }

        var (attempts, budget, delay, longest) = (options.MaxAttempts, options.BudgetPerHour, options.Delay, options.MaxDelay);
        OptionsFailures failures = new(nameof(RetryOptions));
        failures.Unless(attempts is >= 1 and <= 100, nameof(options.MaxAttempts), attempts, "1 to 100");
        failures.Unless((options.Kinds & ~All) == 0, nameof(options.Kinds), options.Kinds, $"some of {All}");
        failures.UnlessBetween(TimeSpan.Zero, Day, nameof(options.Delay), delay, "zero to 1 day");
        failures.UnlessBetween(delay, Day, nameof(options.MaxDelay), longest, $"{nameof(options.Delay)} to 1 day");
        failures.Unless(budget is >= 0 and <= 1_000_000, nameof(options.BudgetPerHour), budget, "0 to 1000000");
        return failures.Result.Failures ?? [];
    }
}
