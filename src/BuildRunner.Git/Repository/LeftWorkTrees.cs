using System.Runtime.Versioning;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Repository;

/// <summary>Work trees that could not be deleted, and lie beside those in use until they can.</summary>
[SupportedOSPlatform("linux")]
internal static class LeftWorkTrees
{
    private const string Prefix = "left-";

    /// <summary>Gets where a work tree can be moved to, in the same directory: a move to another one needs rights on what is moved.</summary>
    public static string NewPath(string workTree) => Path.Combine(Path.GetDirectoryName(workTree)!, $"{Prefix}{Guid.NewGuid():N}");

    /// <summary>Finds those in the directory of the work trees.</summary>
    public static IEnumerable<string> Find(string directory) => Directory.EnumerateDirectories(directory, Prefix + "*");

    /// <summary>Deletes one, as far as that is possible.</summary>
    public static void TryDelete(string path, CancellationToken cancellationToken)
    {
        try
        {
            DirectoryTree.Delete(path, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It lies where nobody works, and is tried again by the next sweep.
        }
    }
}
