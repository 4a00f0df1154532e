namespace BuildRunner.Git.Repository;

/// <summary>Asks git which names are those of commits, all at once.</summary>
internal static class CommitTypes
{
    /// <param name="git">The repository to ask.</param>
    /// <param name="options">Options of git itself, before the command.</param>
    /// <param name="names">What git could take for a name of a commit, each without a line break.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>For each name the id of the commit, or <see langword="null"/> where it names none.</returns>
    /// <exception cref="GitException">git could not answer.</exception>
    public static async Task<string?[]> AskAsync(GitCommand git, IReadOnlyList<string> options, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        string[] arguments = [.. options, "cat-file", "--batch-check=%(objectname) %(objecttype)"];
        var answer = await git.RunOrThrowAsync(arguments, cancellationToken, string.Join('\n', names) + "\n").ConfigureAwait(false);
        var lines = answer.Text.Split('\n');
        return lines.Length == names.Count
            ? [.. lines.Select(static line => line.Split(' ') is [var commitId, "commit"] ? commitId : null)]
            : throw GitCommand.Failed(arguments, answer);
    }
}
