using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Finds the real paths of a conflict. git invents a name for a file that collides with a directory, a link or a
/// submodule.</summary>
internal static class ConflictPath
{
    /// <summary>Gets the distinct real paths.</summary>
    /// <param name="paths">The paths that git lists.</param>
    /// <param name="names">The names of the merged commits, which git appends to the paths that it invents.</param>
    public static IReadOnlyList<string> RealPaths(IEnumerable<ReadOnlyMemory<byte>> paths, params IEnumerable<string> names)
    {
        // If two histories have several commits in common, git merges those first, under these names.
        var all = names.Concat(["Temporary merge branch 1", "Temporary merge branch 2"]);
        byte[][] suffixes = [.. all.Select(static name => Encoding.ASCII.GetBytes("~" + name))];
        return [.. paths.Select(path => GitPath.ToText(RealPath(path.Span, suffixes))).Distinct(StringComparer.Ordinal)];
    }

    private static ReadOnlySpan<byte> RealPath(ReadOnlySpan<byte> path, byte[][] suffixes)
    {
        foreach (var suffix in suffixes)
        {
            if (path.LastIndexOf(suffix) is > 0 and var end && IsCounted(path[(end + suffix.Length)..]))
            {
                return RealPath(path[..end], suffixes);
            }
        }

        return path;
    }

    // "_0" and so on, if the name is taken.
    private static bool IsCounted(ReadOnlySpan<byte> rest) =>
        rest.IsEmpty || (rest is [(byte)'_', _, ..] && !rest[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
}
