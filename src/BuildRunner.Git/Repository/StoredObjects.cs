using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Reads objects with one run of git.</summary>
internal static class StoredObjects
{
    /// <summary>Reads objects.</summary>
    /// <param name="git">The repository.</param>
    /// <param name="objectIds">Their ids.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The content of the objects that exist, by id.</returns>
    /// <exception cref="GitException">git failed.</exception>
    public static async Task<Dictionary<string, ReadOnlyMemory<byte>>> ReadAsync(
        GitCommand git,
        IReadOnlyList<string> objectIds,
        CancellationToken cancellationToken)
    {
        Dictionary<string, ReadOnlyMemory<byte>> objects = new(objectIds.Count, StringComparer.Ordinal);
        if (objectIds.Count == 0)
        {
            return objects;
        }

        var input = string.Join('\n', objectIds) + "\n";
        var rest = (await git.RunOrThrowAsync(["cat-file", "--batch"], cancellationToken, input).ConfigureAwait(false)).Output;
        foreach (var objectId in objectIds)
        {
            // "<id> <type> <size>", a line break, the content and a line break; or "<id> missing".
            var end = rest.Span.IndexOf((byte)'\n');
            var line = Encoding.ASCII.GetString(rest.Span[..end]).Split(' ');
            rest = rest[(end + 1)..];
            if (line is [_, _, var size])
            {
                var length = int.Parse(size, CultureInfo.InvariantCulture);
                objects[objectId] = rest[..length];
                rest = rest[(length + 1)..];
            }
        }

        return objects;
    }
}
