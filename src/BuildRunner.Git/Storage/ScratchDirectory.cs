using System.Runtime.Versioning;

namespace BuildRunner.Git.Storage;

/// <summary>Where one process writes what is not in its place yet. Locked while the process lives, so that others can tell what a dead one has left.</summary>
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

            // In the moment before it is locked it looks like what a dead process has left.
            if (FileLock.TryTake(path) is { } taken)
            {
                return new ScratchDirectory(path, taken);
            }
        }
    }

    /// <summary>Deletes what dead processes have left.</summary>
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
                // It cannot be opened, and must not keep the others from being deleted.
            }
        }
    }

    /// <summary>Gets a path that nothing is at.</summary>
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
