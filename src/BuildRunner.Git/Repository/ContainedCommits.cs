using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Tells which commits need no merge because the target has them already.</summary>
internal static class ContainedCommits
{
    /// <summary>Gets those of the commits that are the target or in its history. Asks once, however many there are.</summary>
    public static async Task<HashSet<string>> FindAsync(GitCommand git, string target, IReadOnlyCollection<string> commitIds, CancellationToken cancellationToken)
    {
        if (commitIds.Count == 0)
        {
            return [];
        }

        var answer = await git.RunAsync(["rev-list", "--stdin"], cancellationToken, string.Join('\n', commitIds.Append("^" + target)) + "\n").ConfigureAwait(false);

        // Where it cannot be told, the merge says why.
        return answer.Succeeded ? [.. commitIds.Except(Encoding.ASCII.GetString(answer.Output.Span).Split('\n'))] : [];
    }
}
