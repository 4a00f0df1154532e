using Microsoft.Extensions.Options;

namespace BuildRunner.Buildbot;

internal sealed class BuildbotBuildRunnerOptionsValidator : IValidateOptions<BuildbotBuildRunnerOptions>
{
    public ValidateOptionsResult Validate(string? name, BuildbotBuildRunnerOptions options)
    {
        List<string> failures = [];
        void Require(bool holds, string failure)
        {
            if (!holds)
            {
                failures.Add(failure);
            }
        }

        Require(
            options.Url is { IsAbsoluteUri: true, Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
            "Url must be an absolute address, http or https, without user info, query and fragment.");
        Require(!string.IsNullOrWhiteSpace(options.Builder), "Builder must name the builder that verifies changes.");
        Require(!string.IsNullOrWhiteSpace(options.Scheduler), "Scheduler must name a force scheduler.");
        Require((options.UserName is null) == (options.Password is null), "UserName and Password are given together, or not at all.");
        Require(options.UserName?.Contains(':', StringComparison.Ordinal) != true, "UserName must not contain a colon.");
        Require(options.Freshness >= TimeSpan.Zero && options.Freshness <= TimeSpan.FromMinutes(1), "Freshness must be from zero to one minute.");
        Require(options.Timeout >= TimeSpan.FromSeconds(1) && options.Timeout <= TimeSpan.FromMinutes(10), "Timeout must be from one second to ten minutes.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures.Select(failure => $"The Buildbot runner '{name}': {failure}"));
    }
}
