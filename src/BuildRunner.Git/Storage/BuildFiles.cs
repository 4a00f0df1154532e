using System.Runtime.Versioning;
using System.Text.Json;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Writes and deletes what makes a build, each in one step.</summary>
/// <param name="layout">Where it is.</param>
/// <param name="newPath">Gives a path on the same file system for what is not in its place yet.</param>
[SupportedOSPlatform("linux")]
internal sealed class BuildFiles(StateLayout layout, Func<string> newPath)
{
    // Room for the result on a disk that the build itself has filled, beside that for what the request says.
    private const int ReserveSize = 16 * 1024;

    /// <summary>Makes a build of its entry in the queue, which is its record. What is in it is on the disk then, but the name of its directory may not be.</summary>
    public void Add(string id, int recordSize)
    {
        var temporary = newPath();
        try
        {
            Directory.CreateDirectory(temporary);
            Posix.TryLink(layout.PendingOf(id), StateLayout.RecordIn(temporary));
            File.WriteAllBytes(StateLayout.ReserveIn(temporary), new byte[recordSize + ReserveSize]);
            File.WriteAllBytes(StateLayout.LogIn(temporary), []);
            DurableFile.SyncDirectory(temporary);
            Directory.Move(temporary, layout.BuildOf(id));
        }
        catch
        {
            DirectoryTree.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes the result of a build. What is in it is on the disk then, but its name may not be.</summary>
    public void WriteResult(string id, BuildResult result)
    {
        // Into the room that is kept for it, which then gets its name.
        using (var file = new FileStream(layout.ReserveOf(id), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(result, StorageJson.Default.BuildResult));
            file.SetLength(file.Position);
            file.Flush(flushToDisk: true);
        }

        File.Move(layout.ReserveOf(id), layout.ResultOf(id));
    }

    /// <summary>Deletes a build, where it is there. It is gone at once for everybody, whatever the deletion of its files comes to.</summary>
    public void Delete(string id)
    {
        // Where every sweep looks, which tries again what cannot be deleted now.
        var temporary = Path.Combine(layout.Scratch, Guid.NewGuid().ToString("N"));
        try
        {
            Directory.Move(layout.BuildOf(id), temporary);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        DirectoryTree.Delete(temporary);
    }
}
