using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Git.Processes;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Storage;

/// <summary>Reads JSON files that are written atomically.</summary>
[SupportedOSPlatform("linux")]
internal static class JsonFile
{
    /// <returns>The content, or <see langword="null"/> if the file does not exist.</returns>
    /// <exception cref="DamagedFileException">The content is invalid.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        // Not with File, which locks what it reads: the record of a build is also the file that claims it.
        using var handle = Posix.OpenFile(path, create: false);
        if (handle is null)
        {
            return null;
        }

        if (Posix.StatusAt(handle, "\0"u8) is not { IsFile: true })
        {
            throw new DamagedFileException($"'{path}' is damaged: it is not a file.");
        }

        try
        {
            return JsonSerializer.Deserialize(ReadAll(handle), type);
        }
        catch (Exception exception) when (exception is JsonException or IOException)
        {
            throw new DamagedFileException($"'{path}' is damaged: {exception.Message}", exception);
        }
    }

    private static ReadOnlySpan<byte> ReadAll(SafeFileHandle handle)
    {
        var content = new byte[RandomAccess.GetLength(handle)];
        var length = 0;
        while (length < content.Length && RandomAccess.Read(handle, content.AsSpan(length), length) is > 0 and var read)
        {
            length += read;
        }

        return content.AsSpan(0, length);
    }
}
