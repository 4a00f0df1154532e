using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Tells the paths in a conflict from those that git has made up, for a file that is in the way of a directory or of something else.</summary>
internal static class ConflictPath
{
    /// <summary>Gets the real path of each, none of them twice.</summary>
    /// <param name="paths">The paths that git has told.</param>
    /// <param name="names">What git was told to merge, which is what it puts after a path.</param>
    public static IReadOnlyList<string> RealPaths(IEnumerable<ReadOnlyMemory<byte>> paths, params IEnumerable<string> names)
    {
        // Where a history has forked and met several times, git merges the forks first, under names of its own.
        byte[][] suffixes = [.. names.Concat(["Temporary merge branch 1", "Temporary merge branch 2"]).Select(static name => Encoding.ASCII.GetBytes("~" + name))];
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

    // "_0" and so on, where something else has the name.
    private static bool IsCounted(ReadOnlySpan<byte> rest) =>
        rest.IsEmpty || (rest is [(byte)'_', _, ..] && !rest[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
}
