namespace BuildRunner.Git.Repository;

/// <summary>Tells which commits a repository has, with all that belongs to them.</summary>
internal sealed class StoredCommits(GitCommand git)
{
    private const string Missing = "missing";

    /// <summary>Gets those of the commits that are missing; where one that is there lacks a part, as after a fetch that was stopped in the middle, that may be all of them.</summary>
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
            throw new GitException($"The object {other} is a {types[other]}; it must be a commit.");
        }

        return await AreCompleteAsync(present, cancellationToken).ConfigureAwait(false)
            ? [.. commitIds.Where(commitId => types[commitId] == Missing)]
            : commitIds;
    }

    private async Task<Dictionary<string, string>> FindTypesAsync(IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        var answer = await git.RunOrThrowAsync(["cat-file", "--batch-check=%(objectname) %(objecttype)"], cancellationToken, Lines(commitIds)).ConfigureAwait(false);
        return answer.Text.Split('\n').Select(static line => line.Split(' ')).ToDictionary(static fields => fields[0], static fields => fields[1], StringComparer.Ordinal);
    }

    // As git itself makes sure after a fetch: whatever a reference holds is complete, and the rest is walked.
    private async Task<bool> AreCompleteAsync(List<string> commitIds, CancellationToken cancellationToken)
    {
        string[] arguments = ["rev-list", "--objects", "--quiet", "--stdin", "--not", "--all", "--alternate-refs"];
        return commitIds.Count == 0 || (await git.RunAsync(arguments, cancellationToken, Lines(commitIds)).ConfigureAwait(false)).Succeeded;
    }

    private static string Lines(IEnumerable<string> commitIds) => string.Join('\n', commitIds) + "\n";
}
