using System.Collections.Concurrent;

namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>What the CI has of the other build in a scenario in which two builds share one slot. It succeeds after a while, and is never cancelled.</summary>
internal sealed class NeighbourCi(TimeProvider timeProvider)
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<string, (BuildId Id, DateTimeOffset EndsAt)> _builds = new(StringComparer.Ordinal);

    public bool IsRunning => _builds.Values.Any(build => timeProvider.GetUtcNow() < build.EndsAt);

    public BuildId Create(string key) => _builds.GetOrAdd(key, static (key, now) => (new($"neighbour-{key}"), now + Life), timeProvider.GetUtcNow()).Id;

    public BuildId? Find(string key) => _builds.TryGetValue(key, out var build) ? build.Id : null;

    public BuildSnapshot? StatusOf(BuildId buildId) => _builds.Values.FirstOrDefault(build => build.Id == buildId) is { Id.IsDefault: false } found
        ? new() { Status = timeProvider.GetUtcNow() < found.EndsAt ? BuildStatus.Running : BuildStatus.Succeeded }
        : null;
}
