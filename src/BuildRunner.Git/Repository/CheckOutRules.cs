using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Tells whether a tree could be checked out at all, on whatever machine: git refuses some names, such as <c>.git</c> and what other systems take for it, and Linux has its limits.</summary>
internal static class CheckOutRules
{
    private const int LongestName = 255;

    // Of a path below the root, and of where a link leads.
    private const int LongestPath = 4095;

    /// <summary>Gets whether a tree could be checked out where there is a disk for it; also where that cannot be told, because objects are missing.</summary>
    /// <param name="git">The repository.</param>
    /// <param name="commitId">The commit of the tree.</param>
    /// <param name="index">A path for an index, which nothing is at.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    public static async Task<bool> AllowAsync(GitCommand git, string commitId, string index, CancellationToken cancellationToken)
    {
        var list = await git.RunAsync(["ls-tree", "-r", "-z", "--long", "--full-tree", commitId], cancellationToken).ConfigureAwait(false);
        if (!list.Succeeded)
        {
            return true;
        }

        if (NulFields.Split(list.Output).Any(static entry => !Fits(entry.Span)))
        {
            return false;
        }

        // git itself knows what it refuses. Nothing is written.
        Dictionary<string, string?> environment = new(StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = index };
        return (await git.RunAsync(["read-tree", "--dry-run", commitId], cancellationToken, moreEnvironment: environment).ConfigureAwait(false)).Succeeded;
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

    // A size that is no number is that of an object that is missing.
    private static bool IsLink(string size) =>
        !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length is > 0 and <= LongestPath;
}
