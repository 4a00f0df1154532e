using System.Runtime.Versioning;
using System.Text.Json;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>
/// Says in a file what runs. It is written in place and in one piece, so that a process which is killed leaves the old text or the new, and no file has to be made and deleted for each run. It may be lost with the power, and what runs with it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class AttemptFile
{
    // More than an attempt takes; the rest are blanks, so that a shorter text leaves nothing of a longer one.
    private const int Size = 512;

    /// <returns>What runs, or <see langword="null"/> where nothing does.</returns>
    /// <exception cref="IOException">It cannot be read, or is not what it should be.</exception>
    public static Attempt? Read(string path) => new FileInfo(path) is { Exists: true, Length: 0 } ? null : JsonFile.Read(path, StorageJson.Default.Attempt);

    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, Attempt attempt) => Write(path, JsonSerializer.SerializeToUtf8Bytes(attempt, StorageJson.Default.Attempt));

    /// <summary>Says that nothing runs any more, where something was said to.</summary>
    public static void Clear(string path)
    {
        if (Path.Exists(path))
        {
            Write(path, "null"u8);
        }
    }

    private static void Write(string path, ReadOnlySpan<byte> text)
    {
        Span<byte> content = stackalloc byte[Size];
        content.Fill((byte)' ');
        text.CopyTo(content);
        if (Posix.StatusOf(path) is { IsFile: false })
        {
            // The work of a build as well.
            DirectoryTree.Delete(path);
        }

        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(content);
        if (file.Length > Size)
        {
            // A build has written there.
            file.SetLength(Size);
        }
    }
}
