using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Storage;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Repository;

/// <summary>Represents a work tree that contains only the attributes of a tree, where a merge finds them by git's own rules. Only git 2.41
/// and newer can read them from a tree. Deleted on disposal.</summary>
[SupportedOSPlatform("linux")]
internal sealed class AttributesDirectory : IDisposable
{
    private static readonly byte[] FileName = [.. ".gitattributes"u8, 0];

    private AttributesDirectory(string path) => Path = path;

    public string Path { get; }

    /// <summary>Writes the attributes.</summary>
    /// <param name="path">An unused path.</param>
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
            // The sweep deletes it with the scratch directory of the process.
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
                    // If a name cannot exist, nobody can check out the tree, and git reads nothing there.
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
