using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>
/// The trigger keys: a file for each, by the hash of the key, with the id of its build in it.
/// </summary>
/// <remarks>
/// A key is won by a link to a file that is complete, which is exclusive and needs no lock. It is replaced or deleted under one lock for all processes, because that is a look and a change.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class KeyStore(string path, string lockPath, Func<string, bool> isKept)
{
    /// <summary>Gets the build of a key, whether it is still kept or not.</summary>
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

    /// <summary>Sees to it that what <see cref="Find"/> gave outlives the loss of power: who has made it may not have come to that.</summary>
    public void Sync() => DurableFile.SyncDirectory(path);

    /// <summary>Gives a key to a build unless it has one that is kept.</summary>
    /// <param name="key">The key.</param>
    /// <param name="buildId">The build.</param>
    /// <param name="scratch">Where to prepare the file.</param>
    /// <param name="reached">Is told when the key leads to the build.</param>
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

    /// <summary>Frees a key, where it is that of a build.</summary>
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
            // Asked first: where there was nothing, somebody may have linked a new one by now, which takes no lock and is not to be deleted.
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
