using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Tells whether any Linux machine could check out a tree. git refuses some names, such as <c>.git</c> and what other systems take for it, and names and links can be too long.</summary>
internal static class CheckOutRules
{
    private const int LongestName = 255;

    // What git says of a name that it refuses, and of nothing else.
    private const string Refusal = "error: invalid path '";

    // Of a path below the root, and of the target of a link.
    private const int LongestPath = 4095;

    /// <summary>Determines whether a tree can be checked out.</summary>
    /// <param name="git">The repository.</param>
    /// <param name="commitId">The commit of the tree.</param>
    /// <param name="index">A path for an index, which nothing is at.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>Whether a machine can, or <see langword="null"/> where that cannot be told, such as where objects are missing or git has no room.</returns>
    public static async Task<bool?> AllowAsync(GitCommand git, string commitId, string index, CancellationToken cancellationToken)
    {
        var list = await git.RunAsync(["ls-tree", "-r", "-z", "--long", "--full-tree", commitId], cancellationToken).ConfigureAwait(false);
        if (!list.Succeeded)
        {
            return null;
        }

        if (NulFields.Split(list.Output).Any(static entry => !Fits(entry.Span)))
        {
            return false;
        }

        // git itself knows which names it refuses. Nothing is written.
        Dictionary<string, string?> environment = new(StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = index };
        var read = await git.RunAsync(["read-tree", "--dry-run", commitId], cancellationToken, moreEnvironment: environment).ConfigureAwait(false);
        return read.Succeeded ? true : read.Error.StartsWith(Refusal, StringComparison.Ordinal) ? false : null;
    }

    // "<mode> <type> <id> <size, with blanks before it>", a tab and the path.
    private static bool Fits(ReadOnlySpan<byte> entry)
    {
        var tab = entry.IndexOf((byte)'\t');
        var path = entry[(tab + 1)..];
        if (path.Length > LongestPath)
        {
            return false;
        }

        foreach (var range in path.Split((byte)'/'))
        {
            if (path[range].Length > LongestName)
            {
                return false;
            }
        }

        return !entry.StartsWith("120000 "u8) || IsLink(Encoding.ASCII.GetString(entry[(entry[..tab].LastIndexOf((byte)' ') + 1)..tab]));
    }

    // Where the object is missing, the size is no number.
    private static bool IsLink(string size) =>
        !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length is > 0 and <= LongestPath;
}
