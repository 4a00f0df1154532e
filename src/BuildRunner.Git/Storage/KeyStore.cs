using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Stores trigger keys: one file per key, named by its hash, with the id of its build.</summary>
/// <remarks>A key is taken by a link to a complete file, which is exclusive and needs no lock. Replacing and deleting a key takes a lock
/// across all processes, because it reads before it writes.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class KeyStore(string path, string lockPath, Func<string, bool> isKept)
{
    /// <summary>Gets the build of a key, even if it is no longer kept.</summary>
    public BuildId? Find(string key)
    {
        try
        {
            return BuildId.TryParse(File.ReadAllText(PathOf(key)), provider: null, out var id) && BuildIds.IsId(id.Value) ? id : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes the result of <see cref="Find"/> durable, which the process that wrote it may not have done yet.</summary>
    public void Sync() => DurableFile.SyncDirectory(path);

    /// <summary>Assigns a key to a build, unless a build that is kept has it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="scratch">The directory for the temporary file.</param>
    /// <param name="reached">A callback that is called when the key is assigned.</param>
    /// <returns>The build that has the key now.</returns>
    public BuildId Take(string key, BuildId buildId, ScratchDirectory scratch, Action? reached)
    {
        var temporary = scratch.NewPath();
        DurableFile.Create(temporary, Encoding.ASCII.GetBytes(buildId.Value));
        try
        {
            var owner = Posix.TryLink(temporary, PathOf(key)) ? buildId : Replace(key, buildId, temporary);
            reached?.Invoke();
            Sync();
            return owner;
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Frees a key if it belongs to a build.</summary>
    public void Release(string key, BuildId buildId)
    {
        using var replacing = FileLock.Take(lockPath);
        if (Find(key) == buildId)
        {
            File.Delete(PathOf(key));
        }
    }

    private BuildId Replace(string key, BuildId buildId, string temporary)
    {
        using var replacing = FileLock.Take(lockPath);
        do
        {
            // Checked first: if the file did not exist, another process may have linked a new one since, without a lock, and it must not be
            // deleted.
            var isThere = File.Exists(PathOf(key));
            if (Find(key) is { } owner && (owner == buildId || isKept(owner.Value)))
            {
                return owner;
            }

            if (isThere)
            {
                File.Delete(PathOf(key));
            }
        }
        while (!Posix.TryLink(temporary, PathOf(key)));
        return buildId;
    }

    private string PathOf(string key) => Path.Combine(path, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
}
