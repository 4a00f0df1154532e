using System.Runtime.Versioning;
using System.Text.Json;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Stores the attempt that is running in a file. The file is written in place and in one piece: a killed process leaves the old or
/// the new text, and runs need not create and delete files. It is not durable, because a power loss also ends what runs.</summary>
[SupportedOSPlatform("linux")]
internal static class AttemptFile
{
    // Larger than any attempt, padded with blanks, so that a shorter text leaves nothing of a longer one.
    private const int Size = 512;

    /// <returns>The attempt, or <see langword="null"/> if nothing runs.</returns>
    /// <exception cref="IOException">The file cannot be read or is damaged.</exception>
    public static Attempt? Read(string path) =>
        new FileInfo(path) is { Exists: true, Length: 0 } ? null : JsonFile.Read(path, StorageJson.Default.Attempt);

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Attempt attempt) =>
        Write(path, JsonSerializer.SerializeToUtf8Bytes(attempt, StorageJson.Default.Attempt));

    /// <summary>Records that nothing runs any more, if the file exists.</summary>
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
            // A build put it there.
            DirectoryTree.Delete(path);
        }

        using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(content);
        if (file.Length > Size)
        {
            // A build wrote to it.
            file.SetLength(Size);
        }
    }
}
