using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Configuration;

internal sealed class BuildRunnerOptionsValidator : IValidateOptions<BuildRunnerOptions>
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    public ValidateOptionsResult Validate(string? name, BuildRunnerOptions options)
    {
        var (concurrency, rate, grace) = (options.Concurrency, options.CallsPerSecond, options.Grace);
        var rateFits = rate is null or (>= 0.0001 and <= 1_000_000);
        var graceFits = grace > 2 * options.TriggerTimeout && grace <= Month;
        var graceRange = $"more than twice {nameof(options.TriggerTimeout)}, which is '{options.TriggerTimeout}', and at most 30 days";
        List<string> failures =
        [
            .. Between(nameof(options.AcceptedPollDelay), options.AcceptedPollDelay, Millisecond, Hour, "1 millisecond to 1 hour"),
            .. Between(nameof(options.RunningPollDelay), options.RunningPollDelay, Millisecond, Hour, "1 millisecond to 1 hour"),
            .. OptionsFailure.Unless(concurrency is >= 1 and <= 10_000, nameof(options.Concurrency), concurrency, "1 to 10000"),
            .. OptionsFailure.Unless(rateFits, nameof(options.CallsPerSecond), rate, "0.0001 to 1000000, or null for no limit"),
            .. Between(nameof(options.TriggerTimeout), options.TriggerTimeout, Millisecond, Day, "1 millisecond to 1 day"),
            .. Between(nameof(options.CallTimeout), options.CallTimeout, Millisecond, Day, "1 millisecond to 1 day"),
            .. OptionsFailure.Unless(graceFits, nameof(options.Grace), grace, graceRange),
            .. Between(nameof(options.MissingGrace), options.MissingGrace, TimeSpan.Zero, Month, "zero to 30 days"),
            .. Between(nameof(options.RetryDelay), options.RetryDelay, Millisecond, Day, "1 millisecond to 1 day"),
            .. Between(
                nameof(options.MaxRetryDelay), options.MaxRetryDelay, options.RetryDelay, Day, $"{nameof(options.RetryDelay)} to 1 day"),
        ];
        return failures.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(failures.Select(failure => $"The runner '{name}': {nameof(BuildRunnerOptions)}.{failure}"));
    }

    private static IEnumerable<string> Between(string option, TimeSpan value, TimeSpan least, TimeSpan most, string expected) =>
        OptionsFailure.Unless(value >= least && value <= most, option, value, expected);
}
