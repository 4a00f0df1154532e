using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Storage;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Repository;

/// <summary>
/// A work tree that holds the attributes of a tree and nothing else. git reads them there when it merges, by its own rules; it can be told a tree only from version 2.41 on. Disposing of it deletes it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class AttributesDirectory : IDisposable
{
    private static readonly byte[] FileName = [.. ".gitattributes"u8, 0];

    private AttributesDirectory(string path) => Path = path;

    public string Path { get; }

    /// <summary>Writes attributes.</summary>
    /// <param name="path">Where nothing is yet.</param>
    /// <param name="attributes">The attributes.</param>
    /// <exception cref="IOException">The disk cannot be written.</exception>
    public static AttributesDirectory Create(string path, TreeAttributes attributes)
    {
        Directory.CreateDirectory(path);
        AttributesDirectory directory = new(path);
        try
        {
            using var root = Posix.OpenFile(path, create: false) ?? throw new IOException($"'{path}' was deleted.");
            foreach (var file in attributes.Files)
            {
                Write(root, file);
            }

            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        try
        {
            DirectoryTree.Delete(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is swept with the scratch directory of the process.
        }
    }

    private static void Write(SafeFileHandle root, AttributesFile file)
    {
        var directory = root;
        List<SafeFileHandle> opened = [];
        try
        {
            foreach (var name in Names(file)[..^1])
            {
                if (Posix.MakeDirectory(directory, name) is not { } below)
                {
                    // Where there can be no such name, nobody can check the tree out, and git reads nothing there.
                    return;
                }

                opened.Add(below);
                directory = below;
            }

            using var handle = Posix.MakeFile(directory, FileName);
            if (handle is not null)
            {
                RandomAccess.Write(handle, file.Content.Span, 0);
            }
        }
        finally
        {
            opened.ForEach(static handle => handle.Dispose());
        }
    }

    private static List<byte[]> Names(AttributesFile file)
    {
        List<byte[]> names = [];
        foreach (var range in file.Path.Span.Split((byte)'/'))
        {
            names.Add([.. file.Path.Span[range], 0]);
        }

        return names;
    }
}
