namespace BuildRunner.Tests.Architecture;

/// <summary>Finds the files of the repository that the tests were built in.</summary>
internal static class Repository
{
    private static readonly string[] NotOurs = [".git", "bin", "obj", "artifacts", "node_modules", "BenchmarkDotNet.Artifacts", "StrykerOutput", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Gets a path of the repository with forward slashes, relative to its root.</summary>
    public static string Name(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>Gets the files with this extension in a folder of the repository and below, without what was built.</summary>
    public static IReadOnlyList<string> Files(string folder, string extension) =>
        [.. Walk(new DirectoryInfo(Path.Combine(Root, folder)))
            .Where(file => file.Extension == extension)
            .Select(file => file.FullName)
            .Order(StringComparer.Ordinal)];

    private static IEnumerable<FileInfo> Walk(DirectoryInfo directory) =>
        directory.Exists
            ? directory.EnumerateFiles().Concat(directory.EnumerateDirectories().Where(inner => !NotOurs.Contains(inner.Name)).SelectMany(Walk))
            : [];

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "BuildRunner.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException($"There is no BuildRunner.sln in {AppContext.BaseDirectory} or above.");
    }
}
