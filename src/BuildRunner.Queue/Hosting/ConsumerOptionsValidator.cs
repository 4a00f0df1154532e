using Microsoft.Extensions.Options;

namespace BuildRunner.Queue.Hosting;

internal sealed class ConsumerOptionsValidator : IValidateOptions<ConsumerOptions>
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    public ValidateOptionsResult Validate(string? name, ConsumerOptions options)
    {
        List<string> failures = [.. FailuresOf(options).Select(failure => $"The consumer of '{name}': {failure}")];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> FailuresOf(ConsumerOptions options)
    {
        if (options.MaxAttempts is < 1 or > 1000)
        {
            yield return Failure(nameof(options.MaxAttempts), options.MaxAttempts, "1 to 1000");
        }

        if (options.RetryDelay < TimeSpan.Zero || options.RetryDelay > MaxDelay)
        {
            yield return Failure(nameof(options.RetryDelay), options.RetryDelay, "zero to 7 days");
        }

        if (options.MaxRetryDelay < options.RetryDelay || options.MaxRetryDelay > MaxDelay)
        {
            yield return Failure(nameof(options.MaxRetryDelay), options.MaxRetryDelay, $"{nameof(options.RetryDelay)} to 7 days");
        }

        if (options.Concurrency is < 1 or > 10_000)
        {
            yield return Failure(nameof(options.Concurrency), options.Concurrency, "1 to 10000");
        }

        if (options.HandlerTimeout <= TimeSpan.Zero || options.HandlerTimeout > MaxDelay)
        {
            yield return Failure(nameof(options.HandlerTimeout), options.HandlerTimeout, "more than zero and at most 7 days");
        }

        if (options.LeaseDuration < TimeSpan.FromSeconds(1) || options.LeaseDuration > TimeSpan.FromDays(1))
        {
            yield return Failure(nameof(options.LeaseDuration), options.LeaseDuration, "1 second to 1 day");
        }

        if (options.PollInterval < TimeSpan.FromMilliseconds(1) || options.PollInterval > TimeSpan.FromHours(1))
        {
            yield return Failure(nameof(options.PollInterval), options.PollInterval, "1 millisecond to 1 hour");
        }
    }

    private static string Failure(string option, object value, string expected) =>
        $"{nameof(ConsumerOptions)}.{option} is '{value}'; it must be {expected}.";
}
