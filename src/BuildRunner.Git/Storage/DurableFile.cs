using System.Runtime.Versioning;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Writes files and names durably.</summary>
[SupportedOSPlatform("linux")]
internal static class DurableFile
{
    /// <summary>Creates a file with durable content. Its name is durable after <see cref="SyncDirectory"/>.</summary>
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

    /// <summary>Makes the names in a directory durable.</summary>
    /// <exception cref="IOException">The directory could not be flushed to the disk.</exception>
    public static void SyncDirectory(string path)
    {
        using var handle = Posix.OpenFile(path, create: false) ?? throw new DirectoryNotFoundException($"'{path}' does not exist.");
        Posix.Sync(handle, path);
    }
}
