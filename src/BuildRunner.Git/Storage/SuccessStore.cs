using System.Runtime.Versioning;
using System.Text;

namespace BuildRunner.Git.Storage;

/// <summary>
/// The runs that have succeeded: a file for each, by what the run is known, with the id of the last build in it that has run it.
/// </summary>
/// <remarks>
/// What stands here is a hint alone: what counts is the result of the build. So nothing is lost with a file but the time of a run, and nothing is believed that a process has left which died, or ran the build again with other options.
/// </remarks>
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
            // The build must end whatever becomes of this, and the next one is just run.
            File.Delete(temporary);
        }
    }

    /// <summary>Removes a run, where it is that of a build.</summary>
    public void Remove(string runKey, BuildId buildId)
    {
        // Another build may come in between, whose run is forgotten with it then.
        if (Find(runKey) == buildId)
        {
            File.Delete(PathOf(runKey));
        }
    }

    private string PathOf(string runKey) => Path.Combine(path, runKey);
}
