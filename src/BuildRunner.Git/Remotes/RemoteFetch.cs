using System.Globalization;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Fetches commits for one build, and holds them by its references.</summary>
internal sealed class RemoteFetch(RemoteGit remote, StoredCommits stored, string buildId)
{
    private static readonly string[] Arguments =
    [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-auto-gc", "--no-recurse-submodules", "--stdin", "--",
    ];

    /// <summary>Fetches commits by their ids, and where the server does not give them so, by the references that they were taken from.</summary>
    /// <param name="commitIds">The commits.</param>
    /// <param name="references">The references of each.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="GitException">A commit cannot be had, or the remote cannot be read.</exception>
    public async Task RunAsync(IReadOnlyList<string> commitIds, ILookup<string, string> references, CancellationToken cancellationToken)
    {
        var failure = await TryByIdAsync(commitIds, cancellationToken).ConfigureAwait(false);
        var missing = await stored.FindIncompleteAsync(commitIds, cancellationToken).ConfigureAwait(false);
        if (failure is not null && missing.Count > 0)
        {
            await FetchByReferenceAsync(missing.SelectMany(commitId => references[commitId]).Distinct(), cancellationToken).ConfigureAwait(false);
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
        // Asked for first, because one that is gone would spoil the fetch of all.
        var found = await new RemoteReferences(remote).ListAsync(references, cancellationToken).ConfigureAwait(false);
        var refspecs = found.Keys.Select((reference, index) =>
            $"+{reference}:{FetchedReferences.Of(buildId, string.Create(CultureInfo.InvariantCulture, $"reference-{index}"))}");
        await TryAsync(refspecs, cancellationToken).ConfigureAwait(false);
    }

    // One commit that the server does not give has spoilt the fetch of all. By halves, so that it is found among ten thousand in a dozen steps.
    private async Task FetchRestAsync(IReadOnlyList<string> commitIds, ILookup<string, string> references, CancellationToken cancellationToken)
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

    /// <summary>Fetches all or fails.</summary>
    /// <returns>Why the server did not give all of it, or <see langword="null"/>.</returns>
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

    private GitException NotFound(string commitId, ILookup<string, string> references, GitException? cause) => new(
        $"The commit {commitId} cannot be fetched from the remote '{remote.Address}', {string.Join(", ", references[commitId].Select(static reference => $"'{reference}'").Prepend("neither by its id nor by"))}. {cause?.Message}".TrimEnd(),
        cause)
    {
        IsOfRequest = true,
    };
}
