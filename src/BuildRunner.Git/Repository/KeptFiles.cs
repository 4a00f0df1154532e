using System.Runtime.Versioning;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Repository;

/// <summary>Keeps the files of a checkout with the help of its index, so that the next checkout need not write them again. Files that a
/// build touched are detected by values that no program can reset, and are written again.</summary>
/// <param name="index">The path of the kept index, out of reach of the build.</param>
[SupportedOSPlatform("linux")]
internal sealed class KeptFiles(string index)
{
    /// <summary>Reads the files of the last checkout.</summary>
    /// <returns>The entries of its index, or <see langword="null"/> if nothing can be kept.</returns>
    public IReadOnlyList<IndexEntry>? Read(string objectFormat) =>
        Posix.StatusOf(index) is { IsFile: true } ? GitIndex.TryRead(index, objectFormat) : null;

    /// <summary>Moves the index back to git. Until the next checkout is complete, no files are kept.</summary>
    public void MoveTo(string target) => File.Move(index, target, overwrite: true);

    /// <summary>Keeps the index of a complete checkout.</summary>
    public void Keep(string source)
    {
        var temporary = index + ".new";
        File.Copy(source, temporary);

        // git uses it to detect files that changed within the same moment.
        File.SetLastWriteTimeUtc(temporary, File.GetLastWriteTimeUtc(source));
        File.Move(temporary, index, overwrite: true);
    }
}
