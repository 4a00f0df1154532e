using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Represents all <c>.gitattributes</c> files in a tree, at any depth.</summary>
/// <param name="Tree">The id of the tree.</param>
/// <param name="Files">The files, ordered by path.</param>
internal sealed record TreeAttributes(string Tree, IReadOnlyList<AttributesFile> Files)
{
    // Also matches in the root, and the content of a directory of that name, which is filtered out below.
    private const string Pathspec = ":(glob)**/.gitattributes";

    private const int Sha1Length = 40;

    /// <summary>Reads the attributes of a tree.</summary>
    /// <param name="git">The repository.</param>
    /// <param name="tree">The id of the tree.</param>
    /// <param name="known">The attributes of another tree, so that only differences are read, or <see langword="null"/> to walk the whole
    /// tree.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="GitException">An object is missing.</exception>
    public static async Task<TreeAttributes> ReadAsync(
        GitCommand git,
        string tree,
        TreeAttributes? known,
        CancellationToken cancellationToken)
    {
        if (known?.Tree == tree)
        {
            return known;
        }

        var empty = tree.Length == Sha1Length
            ? "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
            : "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";
        known ??= new TreeAttributes(empty, []);
        string[] arguments = ["diff-tree", "-r", "-z", "--no-renames", known.Tree, tree, "--", Pathspec];
        var changes = await git.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        if (!changes.Succeeded)
        {
            // The other tree may be gone.
            return known.Tree != empty
                ? await ReadAsync(git, tree, known: null, cancellationToken).ConfigureAwait(false)
                : throw GitCommand.Failed(arguments, changes);
        }

        if (changes.Output.IsEmpty)
        {
            return known with { Tree = tree };
        }

        var files = await ApplyAsync(git, known.Files, NulFields.Split(changes.Output), cancellationToken).ConfigureAwait(false);
        return new TreeAttributes(tree, files);
    }

    private static async Task<AttributesFile[]> ApplyAsync(
        GitCommand git,
        IReadOnlyList<AttributesFile> known,
        List<ReadOnlyMemory<byte>> fields,
        CancellationToken cancellationToken)
    {
        // Latin-1 maps each byte of a path to one character.
        var files = known.ToDictionary(static file => Encoding.Latin1.GetString(file.Path.Span), StringComparer.Ordinal);
        List<(string Key, ReadOnlyMemory<byte> Path, string ObjectId)> changed = [];
        for (var index = 0; index + 1 < fields.Count; index += 2)
        {
            // ":100644 100755 <id> <id> M", and the path.
            var (change, path) = (Encoding.ASCII.GetString(fields[index].Span).Split(' '), fields[index + 1]);
            var key = Encoding.Latin1.GetString(path.Span);
            files.Remove(key);
            if (IsRead(path.Span, mode: change[1]))
            {
                changed.Add((key, path, change[3]));
            }
        }

        string[] objectIds = [.. changed.Select(static file => file.ObjectId).Distinct(StringComparer.Ordinal)];
        var contents = await StoredObjects.ReadAsync(git, objectIds, cancellationToken).ConfigureAwait(false);
        foreach (var (key, path, objectId) in changed)
        {
            files[key] = contents.TryGetValue(objectId, out var content)
                ? new AttributesFile(path, content)
                : throw new GitException($"The attributes file {GitPath.ToText(path.Span)} is the object {objectId}, which is missing.");
        }

        return [.. files.OrderBy(static file => file.Key, StringComparer.Ordinal).Select(static file => file.Value)];
    }

    // Like git at a checkout: only regular files, and no names that are never checked out.
    private static bool IsRead(ReadOnlySpan<byte> path, string mode)
    {
        if (!mode.StartsWith("100", StringComparison.Ordinal)
            || !path[(path.LastIndexOf((byte)'/') + 1)..].SequenceEqual(".gitattributes"u8))
        {
            return false;
        }

        foreach (var component in path.Split((byte)'/'))
        {
            if (path[component] is [] or [(byte)'.'] or [(byte)'.', (byte)'.'])
            {
                return false;
            }
        }

        return true;
    }
}
