using System.Collections.Concurrent;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>One that answers from earlier reads, as a runner does that reads for many.</summary>
internal sealed class SharedStageRunner(FakeBuildRunner fake, TimeProvider time) : StageRunner(fake, time), IBuildStatusReader
{
    private readonly ConcurrentDictionary<BuildId, (BuildSnapshot Snapshot, DateTimeOffset ReadAt)> _reads = new();
    private readonly TimeProvider _time = time;

    public static TimeSpan OfTests { get; } = TimeSpan.FromSeconds(10);

    public TimeSpan Freshness => OfTests;

    public override Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        StatusAsync(buildId, OfTests, cancellationToken);

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken = default)
    {
        var now = _time.GetUtcNow();
        if (_reads.TryGetValue(buildId, out var read) && now - read.ReadAt < maxAge)
        {
            return read.Snapshot;
        }

        var snapshot = await base.StatusAsync(buildId, cancellationToken);
        _reads[buildId] = (snapshot, now);
        return snapshot;
    }
}
