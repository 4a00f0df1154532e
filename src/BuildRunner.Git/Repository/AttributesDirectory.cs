using System.Runtime.Versioning;
using BuildRunner.Git.Processes;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Repository;

/// <summary>
/// A work tree that holds the attributes of a tree and nothing else. git reads them there when it merges, by its own rules; it can be told a tree only from version 2.41 on. Disposing of it deletes it.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class AttributesDirectory : IDisposable
{
    private static readonly byte[] FileName = [.. ".gitattributes"u8, 0];

    private readonly TreeAttributes _attributes;

    private AttributesDirectory(string path, TreeAttributes attributes)
    {
        Path = path;
        _attributes = attributes;
    }

    public string Path { get; }

    /// <summary>Writes attributes.</summary>
    /// <param name="path">Where nothing is yet.</param>
    /// <param name="attributes">The attributes.</param>
    /// <exception cref="IOException">The disk cannot be written.</exception>
    public static AttributesDirectory Create(string path, TreeAttributes attributes)
    {
        AttributesDirectory directory = new(path, attributes);
        Directory.CreateDirectory(path);
        try
        {
            directory.Visit(static (parent, name) => Posix.MakeDirectory(parent, name), Write);
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
            // Not by .NET, which cannot reach a name that is not UTF-8.
            Visit(static (parent, name) => Posix.Open(parent, name), Delete);
            Directory.Delete(Path);
        }
        catch (IOException)
        {
            // It is swept with the scratch directory of the process.
        }
    }

    private void Visit(Func<SafeFileHandle, byte[], SafeFileHandle?> openDirectory, Action<AttributesFile, List<(SafeFileHandle Directory, byte[] Name)>> visit)
    {
        if (_attributes.Files.Count == 0)
        {
            return;
        }

        using var root = Posix.OpenFile(Path, create: false) ?? throw new IOException($"'{Path}' was deleted.");
        foreach (var file in _attributes.Files)
        {
            List<(SafeFileHandle Directory, byte[] Name)> chain = [];
            try
            {
                var directory = root;
                var names = Names(file);
                foreach (var name in names[..^1])
                {
                    chain.Add((directory!, name));
                    directory = openDirectory(directory!, name);
                    if (directory is null)
                    {
                        break;
                    }
                }

                if (directory is not null)
                {
                    chain.Add((directory, FileName));
                    visit(file, chain);
                }
            }
            finally
            {
                chain.Skip(1).ToList().ForEach(static entry => entry.Directory.Dispose());
            }
        }
    }

    // Where there can be no such name, nobody can check the tree out, and git reads nothing there.
    private static void Write(AttributesFile file, List<(SafeFileHandle Directory, byte[] Name)> chain)
    {
        using var handle = Posix.MakeFile(chain[^1].Directory, FileName);
        if (handle is not null)
        {
            RandomAccess.Write(handle, file.Content.Span, 0);
        }
    }

    private static void Delete(AttributesFile file, List<(SafeFileHandle Directory, byte[] Name)> chain)
    {
        _ = Posix.TryDelete(chain[^1].Directory, FileName, isDirectory: false);

        // With the directories that are empty now.
        for (var index = chain.Count - 2; index >= 0 && Posix.TryDelete(chain[index].Directory, chain[index].Name, isDirectory: true); index--)
        {
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
