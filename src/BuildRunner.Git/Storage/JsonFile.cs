using System.Runtime.Versioning;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace BuildRunner.Git.Storage;

/// <summary>Reads and writes files that are never there in part.</summary>
[SupportedOSPlatform("linux")]
internal static class JsonFile
{
    /// <returns>What is in the file, or <see langword="null"/> where there is none.</returns>
    /// <exception cref="IOException">It cannot be read, or is not what it should be.</exception>
    public static T? Read<T>(string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), type);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException exception)
        {
            throw new IOException($"'{path}' is damaged: {exception.Message}", exception);
        }
    }

    /// <summary>Writes a file in one step. It may be lost with the power.</summary>
    public static void Write<T>(string path, T content, JsonTypeInfo<T> type, ScratchDirectory scratch)
    {
        var temporary = scratch.NewPath();
        try
        {
            File.WriteAllBytes(temporary, JsonSerializer.SerializeToUtf8Bytes(content, type));
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
