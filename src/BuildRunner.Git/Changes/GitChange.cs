using System.Text.RegularExpressions;
using BuildRunner.Git.Changes;

namespace BuildRunner.Git;

/// <summary>Creates the changes that a <see cref="GitBuildRunner"/> understands: <c>git://{host}/{repository}/{reference,
/// percent-encoded}/{full commit id}</c>.</summary>
public static partial class GitChange
{
    private const string Scheme = "git://";

    /// <summary>Creates a change of one commit.</summary>
    /// <param name="host">The host, equal to <see cref="GitBuildRunnerOptions.Host"/>.</param>
    /// <param name="repository">The repository, equal to <see cref="GitBuildRunnerOptions.RepositoryName"/>.</param>
    /// <param name="reference">The full reference that the commit was read from, such as <c>refs/heads/main</c>.</param>
    /// <param name="commitId">The full commit id: 40 or 64 hexadecimal digits.</param>
    /// <returns>The change, with one URI.</returns>
    /// <exception cref="ArgumentNullException">An argument is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">An argument is malformed.</exception>
    public static Change Create(string host, string repository, string reference, string commitId)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(commitId);
        ThrowUnless(IsHost(host), host, "a host name without blanks, slashes and user information", nameof(host));
        ThrowUnless(
            IsRepository(repository),
            repository,
            "one or more path segments without blanks, such as team/product",
            nameof(repository));
        ThrowUnless(GitReference.IsReference(reference), reference, "a full reference, such as refs/heads/main", nameof(reference));
        ThrowUnless(GitReference.IsCommitId(commitId), commitId, "a full commit id, 40 or 64 hexadecimal digits", nameof(commitId));
        return new Change($"{Scheme}{host}/{repository}/{Uri.EscapeDataString(reference)}/{commitId}");
    }

    internal static bool IsHost(string? host) => host is not null && Host().IsMatch(host);

    internal static bool IsRepository(string? repository) => repository is not null && Repository().IsMatch(repository);

    /// <summary>Determines whether a URI has the scheme of these changes.</summary>
    internal static bool HasScheme(string uri) => uri.StartsWith("git:", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gets the commit of a URI, and the reference that it was read from.</summary>
    /// <exception cref="BuildRunnerException">The URI is malformed, or has another host or repository.</exception>
    internal static (string CommitId, string Reference) Parse(string uri, string host, string repository)
    {
        var prefix = $"{Scheme}{host}/{repository}/";
        if (!uri.StartsWith(prefix, StringComparison.Ordinal))
        {
            throw Rejected(uri, $"it must begin with {prefix}, the repository that this runner builds");
        }

        if (uri[prefix.Length..].Split('/') is not [var encoded, var commitId])
        {
            throw Rejected(uri, $"{prefix} must be followed by a percent-encoded reference, a slash and a commit id");
        }

        var reference = Uri.UnescapeDataString(encoded);
        if (!GitReference.IsReference(reference))
        {
            throw Rejected(uri, $"'{reference}' is not a full reference, such as refs/heads/main");
        }

        // In lower case, as git writes it, so that the same changes give the same commit.
        return GitReference.IsCommitId(commitId)
            ? (commitId.ToLowerInvariant(), reference)
            : throw Rejected(uri, $"'{commitId}' is not a full commit id, 40 or 64 hexadecimal digits");
    }

    private static BuildRunnerException Rejected(string uri, string reason) => new($"The change {uri} was rejected: {reason}.");

    private static void ThrowUnless(bool condition, string? value, string expected, string parameterName)
    {
        if (!condition)
        {
            throw new ArgumentException($"'{value}' is not {expected}.", parameterName);
        }
    }

    [GeneratedRegex(@"^[^\s\p{Cc}/\\?#@]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    [GeneratedRegex(@"^[^\s\p{Cc}/]+(?:/[^\s\p{Cc}/]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Repository();
}
