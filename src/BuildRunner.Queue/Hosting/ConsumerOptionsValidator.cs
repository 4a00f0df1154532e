namespace BuildRunner.Queue.Hosting;

internal sealed class ConsumerOptionsValidator : IValidateOptions<ConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        var (week, second) = (TimeSpan.FromDays(7), TimeSpan.FromSeconds(1));
        ValidateOptionsResultBuilder errors = new();
        OptionRanges ranges = new(errors, $"The consumer of '{name}': {nameof(ConsumerOptions)}");
        ranges.Check(nameof(options.MaxAttempts), options.MaxAttempts, 1, 1000, "1 to 1000");
        ranges.Check(nameof(options.RetryDelay), options.RetryDelay, TimeSpan.Zero, week, "zero to 7 days");
        ranges.Check(
            nameof(options.MaxRetryDelay), options.MaxRetryDelay, options.RetryDelay, week, $"{nameof(options.RetryDelay)} to 7 days");
        ranges.Check(nameof(options.Concurrency), options.Concurrency, 1, 10_000, "1 to 10000");
        ranges.Check(
            nameof(options.HandlerTimeout), options.HandlerTimeout, TimeSpan.FromTicks(1), week, "more than zero and at most 7 days");
        ranges.Check(nameof(options.LeaseDuration), options.LeaseDuration, second, TimeSpan.FromDays(1), "1 second to 1 day");
        ranges.Check(
            nameof(options.PollInterval), options.PollInterval, second / 1000, TimeSpan.FromHours(1), "1 millisecond to 1 hour");
        return errors.Build();
    }
}
