using BuildRunner.Orchestration.Registration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace BuildRunner.Orchestration.Configuration;

internal sealed class BuildOrchestrationOptionsValidator(IEnumerable<RunnerRegistration> runners, IServiceProviderIsService services)
    : IValidateOptions<BuildOrchestrationOptions>
{
    public ValidateOptionsResult Validate(string? name, BuildOrchestrationOptions options)
    {
        var timeout = options.DefaultTimeout;
        var timeoutFits = timeout > TimeSpan.Zero && timeout <= BuildTimes.MaxTimeout;
        var retention = options.Retention;
        var retentionFits = retention >= TimeSpan.FromDays(1) && retention <= TimeSpan.FromDays(3650);
        List<string> failures =
        [
            .. OptionsFailure.Unless(timeoutFits, nameof(options.DefaultTimeout), timeout, "more than zero and at most 365 days"),
            .. OptionsFailure.Unless(retentionFits, nameof(options.Retention), retention, "1 to 3650 days"),
        ];
        List<string> all = [.. failures.Select(static failure => $"{nameof(BuildOrchestrationOptions)}.{failure}"), .. RunnerFailures()];
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);
    }

    private IEnumerable<string> RunnerFailures()
    {
        foreach (var named in runners.GroupBy(static runner => runner.Name, StringComparer.Ordinal))
        {
            if (named.Count() > 1)
            {
                yield return $"The runner '{named.Key}' was added {(named.Count() == 2 ? "twice" : $"{named.Count()} times")}; call "
                    + $"{nameof(BuildOrchestrationBuilder.AddRunner)} or "
                    + $"{nameof(BuildOrchestrationBuilder.AddRemoteRunner)} once per name.";
            }

            if (named.Any(static runner => runner.IsLocal)
                && services is IServiceProviderIsKeyedService keyed
                && !keyed.IsKeyedService(typeof(IBuildRunner), named.Key))
            {
                yield return $"There is no {nameof(IBuildRunner)} with the key '{named.Key}'; register one with "
                    + $"services.AddKeyedSingleton<{nameof(IBuildRunner)}>(\"{named.Key}\", …) or the keyed registration of its package.";
            }
        }
    }
}
