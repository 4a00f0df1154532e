namespace BuildRunner.Queue.Hosting;

internal sealed class ConsumerOptionsValidator : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        var (week, day, second, retry) = (TimeSpan.FromDays(7), TimeSpan.FromDays(1), TimeSpan.FromSeconds(1), options.RetryDelay);
        var (handler, lease, poll) = (options.HandlerTimeout, options.LeaseDuration, options.PollInterval);
        OptionsFailures failures = new($"The consumer of '{name}': {nameof(ConsumerOptions)}");
        failures.UnlessBetween(1, 1000, nameof(options.MaxAttempts), options.MaxAttempts, "1 to 1000");
        failures.UnlessBetween(TimeSpan.Zero, week, nameof(options.RetryDelay), retry, "zero to 7 days");
        failures.UnlessBetween(
            retry, week, nameof(options.MaxRetryDelay), options.MaxRetryDelay, $"{nameof(options.RetryDelay)} to 7 days");
        failures.UnlessBetween(1, 10_000, nameof(options.Concurrency), options.Concurrency, "1 to 10000");
        failures.UnlessBetween(TimeSpan.FromTicks(1), week, nameof(options.HandlerTimeout), handler, "more than zero and at most 7 days");
        failures.UnlessBetween(second, day, nameof(options.LeaseDuration), lease, "1 second to 1 day");
        failures.UnlessBetween(second / 1000, day / 24, nameof(options.PollInterval), poll, "1 millisecond to 1 hour");
        return failures.Result;
    }
}
