using System.Runtime.Versioning;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Repository;

/// <summary>Manages work trees that could not be deleted and lie beside those in use.</summary>
[SupportedOSPlatform("linux")]
internal static class LeftWorkTrees
{
    private const string Prefix = "left-";

    /// <summary>Gets an unused path beside a work tree. A move to another directory would need rights on what is moved.</summary>
    public static string NewPath(string workTree) => Path.Combine(Path.GetDirectoryName(workTree)!, $"{Prefix}{Guid.NewGuid():N}");

    /// <summary>Finds the left work trees in a directory.</summary>
    public static IEnumerable<string> Find(string directory) => Directory.EnumerateDirectories(directory, Prefix + "*");

    /// <summary>Deletes a left work tree as far as possible.</summary>
    public static void TryDelete(string path, CancellationToken cancellationToken)
    {
        try
        {
            DirectoryTree.Delete(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody uses it, and the next sweep retries.
        }
    }
}
