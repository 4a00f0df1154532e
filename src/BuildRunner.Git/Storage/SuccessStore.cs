using System.Runtime.Versioning;
using System.Text;

namespace BuildRunner.Git.Storage;

/// <summary>Stores successful runs: one file per run key, with the id of the last build that ran it.</summary>
/// <remarks>An entry is only a hint; the result of the build counts. A lost file costs no more than another run, and what a dead process or
/// a run with other options left is never trusted.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class SuccessStore(string path)
{
    public BuildId? Find(string runKey)
    {
        try
        {
            return BuildId.TryParse(File.ReadAllText(PathOf(runKey)), provider: null, out var id) && BuildIds.IsId(id.Value) ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Add(string runKey, BuildId buildId, ScratchDirectory scratch)
    {
        var temporary = scratch.NewPath();
        try
        {
            File.WriteAllBytes(temporary, Encoding.ASCII.GetBytes(buildId.Value));
            File.Move(temporary, PathOf(runKey), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The build must end regardless; without the entry, the next build just runs.
            File.Delete(temporary);
        }
    }

    /// <summary>Removes a run if it belongs to a build.</summary>
    public void Remove(string runKey, BuildId buildId)
    {
        // Another build may take the key in between; its run is then forgotten as well.
        if (Find(runKey) == buildId)
        {
            File.Delete(PathOf(runKey));
        }
    }

    private string PathOf(string runKey) => Path.Combine(path, runKey);
}
