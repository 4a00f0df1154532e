using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>What merging needs to know of a commit.</summary>
/// <param name="Tree">The id of its tree.</param>
/// <param name="Date">When it was committed, in seconds since 1970, UTC; 0 where the commit has no date that can be.</param>
internal sealed record CommitHeader(string Tree, long Date)
{
    // 2100-01-01. A later date is a mistake. Every merge from there on would have it as well, and git would walk all of them for each change.
    private const long EndOfDates = 4_102_444_800;

    /// <summary>Reads the beginning of commits.</summary>
    /// <returns>That of those that are there, by id.</returns>
    /// <exception cref="GitException">git could not answer.</exception>
    public static async Task<Dictionary<string, CommitHeader>> ReadAsync(GitCommand git, IReadOnlyList<string> commitIds, CancellationToken cancellationToken) =>
        (await StoredObjects.ReadAsync(git, commitIds, cancellationToken).ConfigureAwait(false)).ToDictionary(static entry => entry.Key, static entry => Parse(entry.Value.Span));

    /// <summary>Reads the beginning of a commit from its content.</summary>
    public static CommitHeader Parse(ReadOnlySpan<byte> content)
    {
        var (tree, date) = ("", 0L);
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            if (line.IsEmpty)
            {
                break;
            }

            if (line.StartsWith("tree "u8))
            {
                tree = Encoding.ASCII.GetString(line[5..]);
            }
            else if (line.StartsWith("committer "u8))
            {
                date = ParseDate(Encoding.Latin1.GetString(line[(line.LastIndexOf((byte)'>') + 1)..]));
                break;
            }
        }

        return new CommitHeader(tree, date);
    }

    // "<seconds> <time zone>". The seconds do not depend on the time zone, and git itself has no dates before 1970.
    private static long ParseDate(string text) =>
        long.TryParse(text.TrimStart(' ').Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var date) && date < EndOfDates ? date : 0;
}
