using System.Runtime.Versioning;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Writes what must be on the disk before anybody is told of it.</summary>
[SupportedOSPlatform("linux")]
internal static class DurableFile
{
    /// <summary>Writes a new file whose content is on the disk afterwards. Its name may not be: see <see cref="SyncDirectory"/>.</summary>
    /// <exception cref="IOException">It could not be written, and nothing of it is left.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Sees to it that the names in a directory are on the disk.</summary>
    /// <exception cref="IOException">They are not, or it cannot be told.</exception>
    public static void SyncDirectory(string path)
    {
        using var handle = Posix.OpenFile(path, create: false) ?? throw new DirectoryNotFoundException($"'{path}' is not there.");
        Posix.Sync(handle, path);
    }
}
