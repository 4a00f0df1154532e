using BuildRunner.Git.Changes;
using BuildRunner.Git.Remotes;
using Microsoft.Extensions.Options;

namespace BuildRunner.Git;

internal sealed class GitBuildRunnerOptionsValidator : IValidateOptions<GitBuildRunnerOptions>
{
    private const int MaxMaxConcurrency = 1000;

    // What a timer can count is a little more.
    private static readonly TimeSpan MaxDelay = TimeSpan.FromDays(49);

    public ValidateOptionsResult Validate(string? name, GitBuildRunnerOptions options)
    {
        List<string> failures = [.. FailuresOf(options), .. RemoteFailuresOf(options)];
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> FailuresOf(GitBuildRunnerOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Repository) || options.Repository.Contains('\0', StringComparison.Ordinal))
        {
            yield return Failure(nameof(options.Repository), options.Repository, "the path of a git repository");
        }

        if (!GitReference.IsBranchOrReference(options.TargetBranch) && !GitReference.IsCommitId(options.TargetBranch))
        {
            yield return Failure(nameof(options.TargetBranch), options.TargetBranch, "a branch, a full reference or the full id of a commit");
        }

        if (options.Command is null or [] || string.IsNullOrWhiteSpace(options.Command[0])
            || options.Command.Any(static argument => argument is null || argument.Contains('\0', StringComparison.Ordinal)))
        {
            yield return Failure(nameof(options.Command), options.Command is null ? null : string.Join(' ', options.Command), "a program and its arguments, without null and NUL");
        }

        if (!GitChange.IsHost(options.Host))
        {
            yield return Failure(nameof(options.Host), options.Host, "a host name without blanks, slashes and user information");
        }

        if (!GitChange.IsRepository(options.RepositoryName))
        {
            yield return Failure(nameof(options.RepositoryName), options.RepositoryName, "one or more path segments without blanks, such as team/product");
        }

        if (options.StateDirectory is { } stateDirectory && (string.IsNullOrWhiteSpace(stateDirectory) || stateDirectory.Contains('\0', StringComparison.Ordinal)))
        {
            yield return Failure(nameof(options.StateDirectory), stateDirectory, "the path of a directory, or null for the default one");
        }

        if (options.MaxConcurrency is < 1 or > MaxMaxConcurrency)
        {
            yield return Failure(nameof(options.MaxConcurrency), options.MaxConcurrency, "1 to 1000");
        }

        if (options.Timeout <= TimeSpan.Zero || options.Timeout > MaxDelay)
        {
            yield return Failure(nameof(options.Timeout), options.Timeout, "more than zero and at most 49 days");
        }

        if (options.CancelGracePeriod < TimeSpan.Zero || options.CancelGracePeriod > MaxDelay)
        {
            yield return Failure(nameof(options.CancelGracePeriod), options.CancelGracePeriod, "zero to 49 days");
        }

        if (options.LogLimit < 0)
        {
            yield return Failure(nameof(options.LogLimit), options.LogLimit, "zero or more bytes");
        }

        if (options.Retention <= TimeSpan.Zero)
        {
            yield return Failure(nameof(options.Retention), options.Retention, "more than zero");
        }

        foreach (var (variable, value) in options.Environment)
        {
            if (variable.Length == 0 || variable.AsSpan().ContainsAny('=', '\0') || (value?.Contains('\0', StringComparison.Ordinal) ?? false))
            {
                yield return $"{nameof(GitBuildRunnerOptions)}.{nameof(options.Environment)} has the variable '{variable}'; a name must not be empty nor have '=', and neither name nor value may have NUL.";
            }
        }
    }

    private static IEnumerable<string> RemoteFailuresOf(GitBuildRunnerOptions options)
    {
        var remote = RemoteAddress.TryParse(options.Remote);
        if (options.Remote is not null && remote is null)
        {
            // Not shown: a secret may be in it, which is one reason for which it is refused.
            yield return $"{nameof(GitBuildRunnerOptions)}.{nameof(options.Remote)} must be an absolute path or an address with https://, http://, ssh:// or file:///, without a query and without user information but for the user name of ssh, such as ssh://git@git.example.org/team/product.git; credentials belong in {nameof(options.RemoteCredentials)}.";
        }

        if (options.RemoteCredentials is not null && remote is null == options.Remote is null && remote is not { IsHttp: true })
        {
            yield return $"{nameof(GitBuildRunnerOptions)}.{nameof(options.RemoteCredentials)} is set, but {nameof(options.Remote)} is '{options.Remote}'; credentials are for an address with https:// or http://.";
        }

        if (options.RemoteTimeout <= TimeSpan.Zero || options.RemoteTimeout > MaxDelay)
        {
            yield return Failure(nameof(options.RemoteTimeout), options.RemoteTimeout, "more than zero and at most 49 days");
        }
    }

    private static string Failure(string option, object? value, string expected) =>
        $"{nameof(GitBuildRunnerOptions)}.{option} is '{value}'; it must be {expected}.";
}
