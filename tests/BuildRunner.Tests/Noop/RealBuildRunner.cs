namespace BuildRunner.Tests.Noop;

/// <summary>Stands for the runner of a backend, which owns something that must be disposed once.</summary>
internal sealed class RealBuildRunner : IBuildRunner, IDisposable
{
    public int Disposals { get; private set; }

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) => Task.FromResult(new BuildId("real-1"));

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        Task.FromResult(new BuildSnapshot { Status = BuildStatus.Failed });

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public void Dispose() => Disposals++;
}
