using System.Globalization;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>A CI that answers at once and never ends a build, so that only the orchestration is measured.</summary>
/// <param name="status">The status of all builds.</param>
internal sealed class EndlessRunner(BuildStatus status) : IBuildRunner
{
    private readonly Task<BuildSnapshot> _snapshot = Task.FromResult(new BuildSnapshot { Status = status });

    private long _triggers;
    private long _polls;

    public long Triggers => Interlocked.Read(ref _triggers);

    public long Polls => Interlocked.Read(ref _polls);

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new BuildId(Interlocked.Increment(ref _triggers).ToString(CultureInfo.InvariantCulture)));

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _polls);
        return _snapshot;
    }

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;
}
