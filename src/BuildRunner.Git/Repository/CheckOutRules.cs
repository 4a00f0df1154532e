using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Determines whether any Linux machine could check out a tree. git refuses names such as <c>.git</c> and its equivalents on other
/// systems, and names and links may be too long.</summary>
internal static class CheckOutRules
{
    private const int LongestName = 255;

    // git prints this for a name that it refuses, and for nothing else.
    private const string Refusal = "error: invalid path '";

    // For a path below the root, and for the target of a link.
    private const int LongestPath = 4095;

    /// <summary>Determines whether a tree can be checked out.</summary>
    /// <param name="git">The repository.</param>
    /// <param name="commitId">The commit of the tree.</param>
    /// <param name="index">An unused path for an index.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it can be checked out, or <see langword="null"/> if unknown, such as if objects are missing or the disk is
    /// full.</returns>
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

        // git knows which names it refuses. Nothing is written.
        Dictionary<string, string?> environment = new(StringComparer.Ordinal) { ["GIT_INDEX_FILE"] = index };
        string[] arguments = ["read-tree", "--dry-run", commitId];
        var read = await git.RunAsync(arguments, cancellationToken, moreEnvironment: environment).ConfigureAwait(false);
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

        var size = entry[(entry[..tab].LastIndexOf((byte)' ') + 1)..tab];
        return !entry.StartsWith("120000 "u8) || IsLink(Encoding.ASCII.GetString(size));
    }

    // If the object is missing, the size is not a number.
    private static bool IsLink(string size) =>
        !long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length is > 0 and <= LongestPath;
}
