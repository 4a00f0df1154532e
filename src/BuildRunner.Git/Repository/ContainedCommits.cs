using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Finds the commits that need no merge because the target contains them.</summary>
internal static class ContainedCommits
{
    /// <summary>Gets the commits that are the target or in its history, with one run of git.</summary>
    public static async Task<HashSet<string>> FindAsync(
        GitCommand git,
        string target,
        IReadOnlyCollection<string> commitIds,
        CancellationToken cancellationToken)
    {
        if (commitIds.Count == 0)
        {
            return [];
        }

        var input = string.Join('\n', commitIds.Append("^" + target)) + "\n";
        var answer = await git.RunAsync(["rev-list", "--stdin"], cancellationToken, input).ConfigureAwait(false);

        // On a failure, the merge reports the reason.
        return answer.Succeeded ? [.. commitIds.Except(Encoding.ASCII.GetString(answer.Output.Span).Split('\n'))] : [];
    }
}
