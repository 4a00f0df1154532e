namespace BuildRunner.Git.Repository;

/// <summary>Finds the object directories of a repository that borrows objects, possibly in several steps. git itself follows five at
/// most.</summary>
internal static class BorrowedObjects
{
    /// <summary>Gets an object directory and all that it borrows from, at any depth. The deepest come first, so that git reads them before
    /// it finds them too deep.</summary>
    public static IReadOnlyList<string> Find(string objectsDirectory)
    {
        List<string> found = [];
        Add(objectsDirectory, [objectsDirectory], found);
        return found;
    }

    private static void Add(string directory, HashSet<string> seen, List<string> found)
    {
        foreach (var other in Read(directory).Where(Directory.Exists).Where(seen.Add))
        {
            Add(other, seen, found);
        }

        found.Add(directory);
    }

    // Lines with a number sign are comments. Quoted paths are left to git, which follows them up to its limit.
    private static IEnumerable<string> Read(string directory)
    {
        var file = Path.Combine(directory, "info", "alternates");
        if (!File.Exists(file))
        {
            return [];
        }

        var lines = File.ReadAllText(file).Split('\n').Where(static line => line.Length > 0 && line[0] is not ('#' or '"'));
        return lines.Select(line => Path.GetFullPath(line, directory));
    }
}
