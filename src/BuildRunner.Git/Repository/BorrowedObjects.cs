namespace BuildRunner.Git.Repository;

/// <summary>Tells which object directories belong to a repository that borrows objects itself, and may borrow from one that borrows: git follows five of them and no more.</summary>
internal static class BorrowedObjects
{
    /// <summary>Gets an object directory and all that it borrows from, at whatever depth, those first that others borrow from: so git has each of them before it would be too deep.</summary>
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

    // A comment has a number sign. What is quoted is left to git, which follows it as far as it does.
    private static IEnumerable<string> Read(string directory)
    {
        var file = Path.Combine(directory, "info", "alternates");
        return File.Exists(file)
            ? File.ReadAllText(file).Split('\n').Where(static line => line.Length > 0 && line[0] is not ('#' or '"')).Select(line => Path.GetFullPath(line, directory))
            : [];
    }
}
