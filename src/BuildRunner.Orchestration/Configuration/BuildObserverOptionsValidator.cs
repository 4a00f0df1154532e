using BuildRunner.Orchestration.Registration;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Configuration;

internal sealed class BuildObserverOptionsValidator(IEnumerable<ObserverRegistration> observers) : IValidateOptions<BuildObserverOptions>
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    public ValidateOptionsResult Validate(string? name, BuildObserverOptions options)
    {
        List<string> failures = [.. FailuresOf(options).Select(static failure => $"{nameof(BuildObserverOptions)}.{failure}")];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private IEnumerable<string> FailuresOf(BuildObserverOptions options)
    {
        var (call, delay, maxDelay) = (options.CallTimeout, options.RetryDelay, options.MaxRetryDelay);
        var count = observers.Count();
        var longest = ObserverTimes.MaxOf(count);
        var inTime = $"more than zero and at most '{longest}', so that all observers are told in time (there are {count})";
        var attemptsFit = options.MaxAttempts is >= 1 and <= 1000;
        var concurrencyFits = options.Concurrency is >= 1 and <= 10_000;
        return
        [
            .. OptionsFailure.Unless(call > TimeSpan.Zero && call <= longest, nameof(options.CallTimeout), call, inTime),
            .. OptionsFailure.Unless(attemptsFit, nameof(options.MaxAttempts), options.MaxAttempts, "1 to 1000"),
            .. OptionsFailure.Unless(delay >= TimeSpan.Zero && delay <= MaxDelay, nameof(options.RetryDelay), delay, "zero to 7 days"),
            .. OptionsFailure.Unless(
                maxDelay >= delay && maxDelay <= MaxDelay,
                nameof(options.MaxRetryDelay),
                maxDelay,
                $"{nameof(options.RetryDelay)} to 7 days"),
            .. OptionsFailure.Unless(concurrencyFits, nameof(options.Concurrency), options.Concurrency, "1 to 10000"),
        ];
    }
}
