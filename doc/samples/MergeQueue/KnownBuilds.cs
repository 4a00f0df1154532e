using BuildRunner;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>What the saved builds say. The queue has no other memory, so it can be killed at any moment.</summary>
internal sealed class KnownBuilds
{
    private readonly List<Build> _builds;

    public KnownBuilds(string tip, IEnumerable<Build> builds)
    {
        // If the target is at a commit that was built here, builds on top of that can still land.
        var landed = builds.FirstOrDefault(build => build.Metadata.GetValueOrDefault(BuildMetadataKeys.Commit) == tip);
        Onto = landed?.Tag ?? tip;
        Landed = landed is null ? [] : [.. landed.Request.Base, .. landed.Request.Head];
        _builds = [.. builds.Where(build => build.Tag == Onto)];
    }

    /// <summary>Gets the commit that the target was at before the changes that have landed: the tag of builds on top of them.</summary>
    public string Onto { get; }

    public IReadOnlyList<Change> Landed { get; }

    /// <summary>Determines whether a build failed because of its changes, and not because of the machine or the CI.</summary>
    public static bool IsRed(Build build) =>
        build.Status == BuildStatus.Failed
        && build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind) is null or BuildFailureKinds.Code or BuildFailureKinds.Conflict;

    public Build? Find(BuildRequest request) => _builds.Find(build => build.Request with { TriggerKey = null } == request);

    /// <summary>Finds how many changes of a batch, counted from its first, are red together: the fewest, or 0.</summary>
    public int CountRed(IReadOnlyList<Change> ahead, Change[] batch)
    {
        var reds = _builds.Where(IsRed).Select(static build => build.Request.Base.Concat(build.Request.Head)).ToList();
        return Enumerable.Range(1, batch.Length).FirstOrDefault(count => reds.Exists(ahead.Concat(batch[..count]).SequenceEqual));
    }
}
