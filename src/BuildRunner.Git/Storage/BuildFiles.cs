using System.Runtime.Versioning;
using System.Text.Json;

namespace BuildRunner.Git.Storage;

/// <summary>Writes and deletes what makes a build, each in one step.</summary>
/// <param name="layout">Where it is.</param>
/// <param name="newPath">Gives a path on the same file system for what is not in its place yet.</param>
[SupportedOSPlatform("linux")]
internal sealed class BuildFiles(StateLayout layout, Func<string> newPath)
{
    // Room for the result on a disk that the build itself has filled, beside that for what the request says.
    private const int ReserveSize = 16 * 1024;

    /// <summary>Writes a new build. What is in it is on the disk then, but the name of its directory may not be.</summary>
    public void WriteRecord(string id, BuildRecord record)
    {
        var temporary = newPath();
        try
        {
            var content = JsonSerializer.SerializeToUtf8Bytes(record, StorageJson.Default.BuildRecord);
            Directory.CreateDirectory(temporary);
            DurableFile.Create(StateLayout.RecordIn(temporary), content);
            File.WriteAllBytes(StateLayout.ReserveIn(temporary), new byte[content.Length + ReserveSize]);
            File.WriteAllBytes(StateLayout.LogIn(temporary), []);
            DurableFile.SyncDirectory(temporary);
            Directory.Move(temporary, layout.BuildOf(id));
        }
        catch
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }

            throw;
        }
    }

    /// <summary>Writes the result of a build. What is in it is on the disk then, but its name may not be.</summary>
    public void WriteResult(string id, BuildResult result)
    {
        var temporary = newPath();
        var content = JsonSerializer.SerializeToUtf8Bytes(result, StorageJson.Default.BuildResult);
        try
        {
            DurableFile.Create(temporary, content);
        }
        catch (IOException)
        {
            // What the reserve is kept for.
            File.Delete(layout.ReserveOf(id));
            DurableFile.Create(temporary, content);
        }

        File.Move(temporary, layout.ResultOf(id));
    }

    /// <summary>Deletes a build, where it is there. It is gone at once for everybody, whatever the deletion of its files comes to.</summary>
    public void Delete(string id)
    {
        var temporary = newPath();
        try
        {
            Directory.Move(layout.BuildOf(id), temporary);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }

        Directory.Delete(temporary, recursive: true);
    }
}
