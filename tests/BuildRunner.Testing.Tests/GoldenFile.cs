namespace BuildRunner.Testing.Tests;

/// <summary>Files of the repository that a test keeps. With UPDATE_CONFORMANCE=1 it writes them.</summary>
internal static class GoldenFile
{
    public static string Root { get; } = FindRoot();

    /// <summary>Reads a file, or writes it first if the environment says so.</summary>
    public static async Task<string> ReadAsync(string name, string expected)
    {
        var path = Path.Combine(Root, name);
        if (Environment.GetEnvironmentVariable("UPDATE_CONFORMANCE") == "1")
        {
            await File.WriteAllTextAsync(path, expected);
        }

        return (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n");
    }

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
