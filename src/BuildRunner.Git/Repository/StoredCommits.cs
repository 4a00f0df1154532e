namespace BuildRunner.Git.Repository;

/// <summary>Determines which commits a repository has completely.</summary>
internal sealed class StoredCommits(GitCommand git)
{
    private const string Missing = "missing";

    /// <summary>Gets the commits that are missing. If an existing one is incomplete, as after an interrupted fetch, that may be all of
    /// them.</summary>
    /// <exception cref="GitException">An object is not a commit.</exception>
    public async Task<IReadOnlyList<string>> FindIncompleteAsync(IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        if (commitIds.Count == 0)
        {
            return [];
        }

        var types = await FindTypesAsync(commitIds, cancellationToken).ConfigureAwait(false);
        var present = commitIds.Where(commitId => types[commitId] != Missing).ToList();
        if (present.FirstOrDefault(commitId => types[commitId] != "commit") is { } other)
        {
            throw new GitException($"The object {other} is a {types[other]}, not a commit.");
        }

        return await AreCompleteAsync(present, cancellationToken).ConfigureAwait(false)
            ? [.. commitIds.Where(commitId => types[commitId] == Missing)]
            : commitIds;
    }

    private async Task<Dictionary<string, string>> FindTypesAsync(IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        string[] arguments = ["cat-file", "--batch-check=%(objectname) %(objecttype)"];
        var answer = await git.RunOrThrowAsync(arguments, cancellationToken, Lines(commitIds)).ConfigureAwait(false);
        var lines = answer.Text.Split('\n').Select(static line => line.Split(' '));
        return lines.ToDictionary(static fields => fields[0], static fields => fields[1], StringComparer.Ordinal);
    }

    // As git checks after a fetch: everything that a reference holds is complete, and the rest is walked.
    private async Task<bool> AreCompleteAsync(List<string> commitIds, CancellationToken cancellationToken)
    {
        string[] arguments = ["rev-list", "--objects", "--quiet", "--stdin", "--not", "--all", "--alternate-refs"];
        return commitIds.Count == 0 || (await git.RunAsync(arguments, cancellationToken, Lines(commitIds)).ConfigureAwait(false)).Succeeded;
    }

    private static string Lines(IEnumerable<string> commitIds) => string.Join('\n', commitIds) + "\n";
}
