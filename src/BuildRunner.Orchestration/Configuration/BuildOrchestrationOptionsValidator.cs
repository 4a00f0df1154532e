namespace BuildRunner.Orchestration;

internal sealed class BuildOrchestrationOptionsValidator(IEnumerable<RunnerRegistration> runners, IServiceProviderIsService services)
    : IValidateOptions<BuildOrchestrationOptions>
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public ValidateOptionsResult Validate(string? name, BuildOrchestrationOptions options)
    {
        OptionsFailures failures = new(nameof(BuildOrchestrationOptions));
        var timeout = options.DefaultTimeout;
        failures.Unless(
            timeout > TimeSpan.Zero && timeout <= BuildSubmission.MaxTimeout,
            nameof(options.DefaultTimeout),
            timeout,
            "more than zero and at most 365 days");
        failures.UnlessBetween(Day, 3650 * Day, nameof(options.Retention), options.Retention, "1 to 3650 days");
        foreach (var named in runners.GroupBy(static runner => runner.Name, StringComparer.Ordinal))
        {
            if (named.Count() > 1)
            {
                failures.Add($"The runner '{named.Key}' was added {named.Count()} times; call "
                    + $"{nameof(BuildOrchestrationBuilder.AddRunner)} or {nameof(BuildOrchestrationBuilder.AddRemoteRunner)} "
                    + "once per name.");
            }

            if (named.Any(static runner => runner.IsLocal)
                && services is IServiceProviderIsKeyedService keyed
                && !keyed.IsKeyedService(typeof(IBuildRunner), named.Key))
            {
                failures.Add($"There is no {nameof(IBuildRunner)} with the key '{named.Key}'; register one with "
                    + $"services.AddKeyedSingleton<{nameof(IBuildRunner)}>(\"{named.Key}\", …) or the keyed registration of its package.");
            }
        }

        return failures.Result;
    }
}
