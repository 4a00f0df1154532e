using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Configuration;

internal sealed class BuildRunnerOptionsValidator : IValidateOptions<BuildRunnerOptions>
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
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
            .. Limit(nameof(options.Timeout), options.Timeout),
            .. Limit(nameof(options.PendingTimeout), options.PendingTimeout),
            .. Limit(nameof(options.RunTimeout), options.RunTimeout),
            .. options.Retry is { } retry ? RetryRules.FailuresOf(retry) : [$"{nameof(options.Retry)} is null; it must be set."],
            .. Between(nameof(options.SettleDelay), options.SettleDelay, TimeSpan.Zero, Hour, "zero to 1 hour"),
            .. OptionsFailure.Unless(
                options.MaxInFlight is null or (>= 1 and <= 100_000),
                nameof(options.MaxInFlight),
                options.MaxInFlight,
                "1 to 100000, or null for no limit"),
            .. Between(nameof(options.MinInterval), options.MinInterval, TimeSpan.Zero, Hour, "zero to 1 hour"),
            .. OptionsFailure.Unless(
                options.CooldownAfter is null or (>= 1 and <= 1000),
                nameof(options.CooldownAfter),
                options.CooldownAfter,
                "1 to 1000, or null for never"),
            .. Between(nameof(options.Cooldown), options.Cooldown, Second, Day, "1 second to 1 day"),
            .. Between(nameof(options.PriorityAgeing), options.PriorityAgeing, Second, Month, "1 second to 30 days"),
        ];
        return failures.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(failures.Select(failure => $"The runner '{name}': {nameof(BuildRunnerOptions)}.{failure}"));
    }

    private static IEnumerable<string> Limit(string option, TimeSpan? value) => OptionsFailure.Unless(
        value is null || (value >= BuildTimes.MinLimit && value <= BuildTimes.MaxTimeout),
        option,
        value,
        "1 second to 365 days, or null");

    private static IEnumerable<string> Between(string option, TimeSpan value, TimeSpan least, TimeSpan most, string expected) =>
        OptionsFailure.Unless(value >= least && value <= most, option, value, expected);
}
