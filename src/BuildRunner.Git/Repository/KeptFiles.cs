using System.Runtime.Versioning;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Repository;

/// <summary>
/// The files that a checkout has left, by its index, so that the next one need not write them anew. What the build between has touched is told by what no program can set back, and is written again.
/// </summary>
/// <param name="index">Where the index of the checkout is kept, out of the way of the build.</param>
[SupportedOSPlatform("linux")]
internal sealed class KeptFiles(string index)
{
    /// <summary>Reads what the last checkout has left.</summary>
    /// <returns>The entries of its index, or <see langword="null"/> where nothing can be kept.</returns>
    public IReadOnlyList<IndexEntry>? Read(string objectFormat) =>
        Posix.StatusOf(index) is { IsFile: true } ? GitIndex.TryRead(index, objectFormat) : null;

    /// <summary>Gives the index back to git. As long as the next checkout is not done, there is none to go by.</summary>
    public void MoveTo(string target) => File.Move(index, target, overwrite: true);

    /// <summary>Keeps the index of a checkout that is done.</summary>
    public void Keep(string source)
    {
        var temporary = index + ".new";
        File.Copy(source, temporary);

        // By which git tells what may have changed since in the same moment.
        File.SetLastWriteTimeUtc(temporary, File.GetLastWriteTimeUtc(source));
        File.Move(temporary, index, overwrite: true);
    }
}
