using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Represents the fields of a commit that merging needs.</summary>
/// <param name="Tree">The id of its tree.</param>
/// <param name="Date">The date of the commit in seconds since 1970, UTC; 0 if it has no valid date.</param>
internal sealed record CommitHeader(string Tree, long Date)
{
    // 2100-01-01. A later date is a mistake. All merges from there on would inherit it, and git would walk all of them for each change.
    private const long EndOfDates = 4_102_444_800;

    /// <summary>Reads the headers of commits.</summary>
    /// <returns>The headers of the commits that exist, by id.</returns>
    /// <exception cref="GitException">git failed.</exception>
    public static async Task<Dictionary<string, CommitHeader>> ReadAsync(
        GitCommand git,
        IReadOnlyList<string> commitIds,
        CancellationToken cancellationToken)
    {
        var commits = await StoredObjects.ReadAsync(git, commitIds, cancellationToken).ConfigureAwait(false);
        return commits.ToDictionary(static entry => entry.Key, static entry => Parse(entry.Value.Span));
    }

    /// <summary>Parses the header of a commit.</summary>
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

    // "<seconds> <time zone>". The seconds do not depend on the time zone, and git has no dates before 1970.
    private static long ParseDate(string text)
    {
        var seconds = text.TrimStart(' ').Split(' ')[0];
        return long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var date) && date < EndOfDates ? date : 0;
    }
}
