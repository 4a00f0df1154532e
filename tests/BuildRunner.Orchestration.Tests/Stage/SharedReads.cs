using System.Collections.Concurrent;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>A runner of one process that answers from earlier reads, as one that reads for many does.</summary>
internal sealed class SharedReads(IBuildRunner inner, TimeProvider timeProvider) : DelegatingBuildRunner(inner), IBuildStatusReader
{
    private readonly ConcurrentDictionary<BuildId, (BuildSnapshot Snapshot, long ReadAt)> _reads = new();

    public static TimeSpan OfTests { get; } = TimeSpan.FromSeconds(10);

    public TimeSpan Freshness => OfTests;

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        StatusAsync(buildId, OfTests, cancellationToken);

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        if (_reads.TryGetValue(buildId, out var read) && timeProvider.GetElapsedTime(read.ReadAt) < maxAge)
        {
            return read.Snapshot;
        }

        var start = timeProvider.GetTimestamp();
        var snapshot = await Inner.StatusAsync(buildId, cancellationToken);
        _reads[buildId] = (snapshot, start);
        return snapshot;
    }
}
