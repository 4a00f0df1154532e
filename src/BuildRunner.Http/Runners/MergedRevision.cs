using System.Text.RegularExpressions;
using BuildRunner.Git.Changes;

namespace BuildRunner.Http;

/// <summary>
/// Represents the commit of a request in the form <see cref="ChangesForm.Merged"/>.
/// </summary>
public sealed partial class MergedRevision
{
    private const string Heads = "refs/heads/";

    private MergedRevision(string reference, string commitId)
    {
        Reference = reference;
        CommitId = commitId;
    }

    /// <summary>
    /// Gets the full reference that points to the commit, such as <c>refs/heads/build/x</c>.
    /// </summary>
    public string Reference { get; }

    /// <summary>
    /// Gets the branch of <see cref="Reference"/>, such as <c>build/x</c>.
    /// </summary>
    public string Branch => Reference[Heads.Length..];

    /// <summary>
    /// Gets the full id of the commit, in lower case.
    /// </summary>
    public string CommitId { get; }

    /// <summary>
    /// Reads the commit of a request.
    /// </summary>
    /// <param name="request">A request without a base and with one head change of the form
    /// <c>git://{host}/{repository}/{branch as full reference, percent-encoded}/{full commit id}</c>.</param>
    /// <returns>The commit.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    /// <exception cref="BuildRunnerException">The request has another form. Nothing was created.</exception>
    public static MergedRevision Of(BuildRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request is { Base: [], Head: [{ Uris: [var uri] }] } && GitUri().Match(uri) is { Success: true } match
            && Uri.UnescapeDataString(match.Groups["reference"].Value) is var reference && IsBranch(reference))
        {
            return new MergedRevision(reference, match.Groups["commit"].Value.ToLowerInvariant());
        }

        throw new BuildRunnerException(
            "The runner builds merged commits, so the request must have no base and one head change: "
            + "git://{host}/{repository}/{branch as full reference, percent-encoded}/{commit id}. "
            + "Use AddMergedRefs to create such requests.");
    }

    // The service passes it to a command line of git.
    private static bool IsBranch(string reference) =>
        reference.StartsWith(Heads, StringComparison.Ordinal) && GitReference.IsReference(reference) && reference[Heads.Length] != '-';

    [GeneratedRegex(
        @"^git://[^/\s]+/[^\s]+/(?<reference>[^/\s]+)/(?<commit>[0-9a-fA-F]{40}|[0-9a-fA-F]{64})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex GitUri();
}
