using System.Globalization;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Fetches commits for a build, and holds them with references.</summary>
internal sealed class RemoteFetch(RemoteGit remote, StoredCommits stored, string buildId)
{
    private static readonly string[] Arguments =
    [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-auto-gc", "--no-recurse-submodules", "--stdin", "--",
    ];

    /// <summary>Fetches commits by id. If the server does not allow that, fetches the references that they were read from.</summary>
    /// <param name="commitIds">The commits.</param>
    /// <param name="references">The references of each commit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task RunAsync(IReadOnlyList<string> commitIds, ILookup<string, string> references, CancellationToken cancellationToken)
    {
        var failure = await TryByIdAsync(commitIds, cancellationToken).ConfigureAwait(false);
        var missing = await stored.FindIncompleteAsync(commitIds, cancellationToken).ConfigureAwait(false);
        if (failure is not null && missing.Count > 0)
        {
            var fallbacks = missing.SelectMany(commitId => references[commitId]).Distinct();
            await FetchByReferenceAsync(fallbacks, cancellationToken).ConfigureAwait(false);
            missing = await stored.FindIncompleteAsync(commitIds, cancellationToken).ConfigureAwait(false);
            await FetchRestAsync(missing, references, cancellationToken).ConfigureAwait(false);
            missing = await stored.FindIncompleteAsync(missing, cancellationToken).ConfigureAwait(false);
        }

        if (missing.Count > 0)
        {
            throw NotFound(missing[0], references, cause: null);
        }
    }

    private async Task FetchByReferenceAsync(IEnumerable<string> references, CancellationToken cancellationToken)
    {
        // Listed first, because a missing reference would fail the whole fetch.
        var found = await new RemoteReferences(remote).ListAsync(references, cancellationToken).ConfigureAwait(false);
        var refspecs = found.Keys.Select((reference, index) =>
            $"+{reference}:{FetchedReferences.Of(buildId, string.Create(CultureInfo.InvariantCulture, $"reference-{index}"))}");
        await TryAsync(refspecs, cancellationToken).ConfigureAwait(false);
    }

    // A single commit that the server refuses has failed the whole fetch. Bisecting finds it among ten thousand in a dozen steps.
    private async Task FetchRestAsync(
        IReadOnlyList<string> commitIds,
        ILookup<string, string> references,
        CancellationToken cancellationToken)
    {
        var rest = commitIds.ToArray().AsMemory();
        while (rest.Length > 0)
        {
            var half = rest[..((rest.Length + 1) / 2)];
            var failure = await TryByIdAsync(half.ToArray(), cancellationToken).ConfigureAwait(false);
            if (failure is not null && half.Length == 1)
            {
                throw NotFound(half.Span[0], references, failure);
            }

            rest = failure is null ? rest[half.Length..] : half;
        }
    }

    private Task<GitException?> TryByIdAsync(IReadOnlyList<string> commitIds, CancellationToken cancellationToken) =>
        TryAsync(commitIds.Select(commitId => $"+{commitId}:{FetchedReferences.Of(buildId, commitId)}"), cancellationToken);

    /// <summary>Fetches all refspecs or none.</summary>
    /// <returns>The error of the server, or <see langword="null"/> on success.</returns>
    private async Task<GitException?> TryAsync(IEnumerable<string> refspecs, CancellationToken cancellationToken)
    {
        var input = string.Concat(refspecs.Select(static refspec => refspec + "\n"));
        if (input.Length == 0)
        {
            return null;
        }

        try
        {
            await remote.RunAsync([.. Arguments, remote.Address.Text], cancellationToken, input).ConfigureAwait(false);
            return null;
        }
        catch (GitException exception) when (!exception.IsTransient)
        {
            return exception;
        }
    }

    private GitException NotFound(string commitId, ILookup<string, string> references, GitException? cause)
    {
        var ways = string.Join(", ", references[commitId].Select(static reference => $"'{reference}'").Prepend("neither by its id nor by"));
        var message = $"The commit {commitId} cannot be fetched from the remote '{remote.Address}', {ways}. {cause?.Message}";
        return new GitException(message.TrimEnd(), cause) { IsOfRequest = true };
    }
}
