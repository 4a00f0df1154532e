using BuildRunner.Git.Changes;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git;

internal sealed class GitBuildRunnerOptionsValidator : IValidateOptions<GitBuildRunnerOptions>
{
    private const int Concurrency = 1000;

    public ValidateOptionsResult Validate(string? name, GitBuildRunnerOptions options)
    {
        List<string> failures = [.. SourceOptionsRules.FailuresOf(options), .. FailuresOf(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> FailuresOf(GitBuildRunnerOptions options)
    {
        if (!GitReference.IsBranchOrReference(options.TargetBranch) && !GitReference.IsCommitId(options.TargetBranch))
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.TargetBranch),
                options.TargetBranch,
                "a branch, a full reference or a full commit id");
        }

        if (options.Command is null or [] || string.IsNullOrWhiteSpace(options.Command[0])
            || options.Command.Any(static argument => argument is null || argument.Contains('\0', StringComparison.Ordinal)))
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.Command),
                options.Command is null ? null : string.Join(' ', options.Command),
                "a program and its arguments, without null and NUL");
        }

        if (options.Concurrency is < 1 or > Concurrency)
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.Concurrency),
                options.Concurrency,
                "1 to 1000");
        }

        if (options.Timeout <= TimeSpan.Zero || options.Timeout > SourceOptionsRules.MaxDelay)
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.Timeout),
                options.Timeout,
                "more than zero and at most 49 days");
        }

        if (options.CancelGrace < TimeSpan.Zero || options.CancelGrace > SourceOptionsRules.MaxDelay)
        {
            yield return SourceOptionsRules.Failure(
                options,
                nameof(options.CancelGrace),
                options.CancelGrace,
                "zero to 49 days");
        }

        if (options.MaxLogBytes < 0)
        {
            yield return SourceOptionsRules.Failure(options, nameof(options.MaxLogBytes), options.MaxLogBytes, "zero or more bytes");
        }

        if (options.Retention <= TimeSpan.Zero)
        {
            yield return SourceOptionsRules.Failure(options, nameof(options.Retention), options.Retention, "more than zero");
        }

        foreach (var (variable, value) in options.Environment)
        {
            if (variable.Length == 0
                || variable.AsSpan().ContainsAny('=', '\0')
                || (value?.Contains('\0', StringComparison.Ordinal) ?? false))
            {
                yield return $"{nameof(GitBuildRunnerOptions)}.{nameof(options.Environment)} has the variable '{variable}'; "
                    + "a name must not be empty or contain '=', and neither name nor value may contain NUL.";
            }
        }
    }
}
