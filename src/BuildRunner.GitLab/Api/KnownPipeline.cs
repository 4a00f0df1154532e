using System.Runtime.CompilerServices;

namespace BuildRunner.GitLab.Api;

/// <summary>What this process knows of a pipeline. Times are time stamps.</summary>
internal sealed class KnownPipeline
{
    private readonly Lock _lock = new();
    private BuildSnapshot? _final;

    /// <summary>When the pipeline was created, if this process has.</summary>
    public volatile StrongBox<long>? CreatedAt;

    /// <summary>When its cancel was first seen to have an effect.</summary>
    public volatile StrongBox<long>? CancelledAt;

    /// <summary>The latest row, and when it was asked for.</summary>
    public volatile Tuple<PipelineRow, long>? Reading;

    public BuildSnapshot? Final => Volatile.Read(ref _final);

    /// <summary>Keeps a row, unless one is known that is newer at GitLab.</summary>
    public void Note(PipelineRow row, long askedAt)
    {
        lock (_lock)
        {
            Reading = row.ChangedAt < Reading?.Item1.ChangedAt ? Reading : new(row, askedAt);
        }
    }

    /// <summary>Keeps how the pipeline has ended. The first end stays.</summary>
    public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;
}
