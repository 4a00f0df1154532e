using BuildRunner.Http.Runners;

namespace BuildRunner.GitLab.Api;

/// <summary>What this process knows of a pipeline.</summary>
internal sealed class KnownPipeline : KnownBuild
{
    private readonly Lock _lock = new();

    /// <summary>The latest row, and when it was asked for.</summary>
    public volatile Tuple<PipelineRow, long>? Reading;

    /// <summary>Keeps a row, unless one is known that is newer at GitLab.</summary>
    public void Note(PipelineRow row, long askedAt)
    {
        lock (_lock)
        {
            Reading = row.ChangedAt < Reading?.Item1.ChangedAt ? Reading : new(row, askedAt);
        }
    }
}
