using BuildRunner.Git.Remotes;

namespace BuildRunner.Git;

/// <summary>Validates the options that every runner of this package has.</summary>
internal static class SourceOptionsRules
{
    // A timer can count a little more.
    public static readonly TimeSpan MaxDelay = TimeSpan.FromDays(49);

    public static IEnumerable<string> FailuresOf(ISourceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Repository) || options.Repository.Contains('\0', StringComparison.Ordinal))
        {
            yield return Failure(options, nameof(options.Repository), options.Repository, "the path of a git repository");
        }

        if (!GitChange.IsHost(options.Host))
        {
            yield return Failure(options, nameof(options.Host), options.Host, "a host name without blanks, slashes and user information");
        }

        if (!GitChange.IsRepository(options.RepositoryName))
        {
            yield return Failure(
                options,
                nameof(options.RepositoryName),
                options.RepositoryName,
                "one or more path segments without blanks, such as team/product");
        }

        if (options.StateDirectory is { } stateDirectory
            && (string.IsNullOrWhiteSpace(stateDirectory) || stateDirectory.Contains('\0', StringComparison.Ordinal)))
        {
            yield return Failure(
                options,
                nameof(options.StateDirectory),
                stateDirectory,
                "the path of a directory, or null for the default one");
        }

        foreach (var failure in RemoteFailuresOf(options))
        {
            yield return failure;
        }
    }

    public static string Failure(ISourceOptions options, string option, object? value, string expected) =>
        $"{options.Name}.{option} is '{value}'; it must be {expected}.";

    private static IEnumerable<string> RemoteFailuresOf(ISourceOptions options)
    {
        var remote = RemoteAddress.TryParse(options.Remote);
        if (options.Remote is not null && remote is null)
        {
            // The value may contain a secret, so it is not shown.
            yield return $"{options.Name}.{nameof(options.Remote)} must be an absolute path or an address with https://, http://, ssh:// "
                + "or file:///, such as ssh://git@git.example.org/team/product.git. It must have no query and no user information, "
                + $"except the user name of ssh; set {nameof(options.RemoteCredentials)} for credentials.";
        }

        if (options.RemoteCredentials is not null && remote is null == options.Remote is null && remote is not { IsHttp: true })
        {
            yield return $"{options.Name}.{nameof(options.RemoteCredentials)} is set, but {nameof(options.Remote)} is '{options.Remote}'; "
                + "credentials need an address with https:// or http://.";
        }

        if (options.RemoteTimeout <= TimeSpan.Zero || options.RemoteTimeout > MaxDelay)
        {
            yield return Failure(options, nameof(options.RemoteTimeout), options.RemoteTimeout, "more than zero and at most 49 days");
        }
    }
}
