namespace BuildRunner.Git.Repository;

/// <summary>Determines which names are names of commits, with one run of git.</summary>
internal static class CommitTypes
{
    /// <param name="git">The repository.</param>
    /// <param name="options">Options of git itself, before the command.</param>
    /// <param name="names">The names, each without a line break.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The commit id for each name, or <see langword="null"/> if it does not name a commit.</returns>
    /// <exception cref="GitException">git failed.</exception>
    public static async Task<string?[]> AskAsync(
        GitCommand git,
        IReadOnlyList<string> options,
        IReadOnlyList<string> names,
        CancellationToken cancellationToken)
    {
        string[] arguments = [.. options, "cat-file", "--batch-check=%(objectname) %(objecttype)"];
        var answer = await git.RunOrThrowAsync(arguments, cancellationToken, string.Join('\n', names) + "\n").ConfigureAwait(false);
        var lines = answer.Text.Split('\n');
        return lines.Length == names.Count
            ? [.. lines.Select(static line => line.Split(' ') is [var commitId, "commit"] ? commitId : null)]
            : throw GitCommand.Failed(arguments, answer);
    }
}
