using BuildRunner.Orchestration.Registration;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Configuration;

internal sealed class BuildObserverOptionsValidator(IEnumerable<ObserverRegistration> observers) : IValidateOptions<BuildObserverOptions>
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(7);

    public ValidateOptionsResult Validate(string? name, BuildObserverOptions options)
    {
        var longest = ObserverTimes.MaxOf(observers.Count());
        List<string> failures =
        [
            .. OptionsFailure.Unless(options.CallTimeout > TimeSpan.Zero && options.CallTimeout <= longest, nameof(options.CallTimeout), options.CallTimeout, $"more than zero and at most '{longest}', so that all observers are told in time (there are {observers.Count()})"),
            .. OptionsFailure.Unless(options.MaxAttempts is >= 1 and <= 1000, nameof(options.MaxAttempts), options.MaxAttempts, "1 to 1000"),
            .. OptionsFailure.Unless(options.RetryDelay >= TimeSpan.Zero && options.RetryDelay <= MaxDelay, nameof(options.RetryDelay), options.RetryDelay, "zero to 7 days"),
            .. OptionsFailure.Unless(options.MaxRetryDelay >= options.RetryDelay && options.MaxRetryDelay <= MaxDelay, nameof(options.MaxRetryDelay), options.MaxRetryDelay, $"{nameof(options.RetryDelay)} to 7 days"),
            .. OptionsFailure.Unless(options.Concurrency is >= 1 and <= 10_000, nameof(options.Concurrency), options.Concurrency, "1 to 10000"),
        ];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures.Select(static failure => $"{nameof(BuildObserverOptions)}.{failure}"));
    }
}
