using System.Runtime.Versioning;

namespace BuildRunner.Git.Storage;

/// <summary>Represents the directory in which a process prepares files. It is locked while the process lives, so that others can delete
/// those of dead processes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class ScratchDirectory : IDisposable
{
    private readonly string _path;
    private readonly FileLock _lock;

    private ScratchDirectory(string path, FileLock @lock)
    {
        _path = path;
        _lock = @lock;
    }

    public static ScratchDirectory Create(string root)
    {
        while (true)
        {
            var path = Path.Combine(root, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(path);

            // Until it is locked, it looks like that of a dead process.
            if (FileLock.TryTake(path) is { } taken)
            {
                return new ScratchDirectory(path, taken);
            }
        }
    }

    /// <summary>Deletes the directories of dead processes.</summary>
    public static void Sweep(string root)
    {
        foreach (var path in Directory.EnumerateDirectories(root))
        {
            try
            {
                if (FileLock.TryTake(path) is { } taken)
                {
                    new ScratchDirectory(path, taken).Dispose();
                }
            }
            catch (IOException)
            {
                // One that cannot be opened must not keep the others from being deleted.
            }
        }
    }

    /// <summary>Gets an unused path.</summary>
    public string NewPath() => Path.Combine(_path, Guid.NewGuid().ToString("N"));

    public void Dispose()
    {
        try
        {
            DirectoryTree.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next sweep deletes it.
        }
        finally
        {
            _lock.Dispose();
        }
    }
}
