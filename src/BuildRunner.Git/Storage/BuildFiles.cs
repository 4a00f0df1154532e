using System.Runtime.Versioning;
using System.Text.Json;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Creates and deletes the files of builds atomically.</summary>
/// <param name="layout">The paths of the state directory.</param>
/// <param name="newPath">Gets a temporary path on the same file system.</param>
[SupportedOSPlatform("linux")]
internal sealed class BuildFiles(StateLayout layout, Func<string> newPath)
{
    // Reserves space for the result, in addition to that of the request, in case the build fills the disk.
    private const int ReserveSize = 16 * 1024;

    /// <summary>Creates a build from its queue entry, which is its record. The content is durable afterwards, but the name of the directory
    /// may not be.</summary>
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

    /// <summary>Writes the result of a build. The content is durable afterwards, but its name may not be.</summary>
    public void WriteResult(string id, BuildResult result)
    {
        // Into the reserved file, which is then renamed.
        using (var file = new FileStream(layout.ReserveOf(id), FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(result, StorageJson.Default.BuildResult));
            file.SetLength(file.Position);
            file.Flush(flushToDisk: true);
        }

        File.Move(layout.ReserveOf(id), layout.ResultOf(id));
    }

    /// <summary>Deletes a build if it exists. It disappears for all processes at once, even if some of its files cannot be deleted
    /// yet.</summary>
    public void Delete(string id)
    {
        // Every sweep retries here.
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
