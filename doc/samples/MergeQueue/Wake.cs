using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>Wakes the queue when a build has changed.</summary>
internal sealed class Wake : IBuildObserver, IDisposable
{
    // Also without a build: somebody else may have moved the branch.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _changed = new(0);

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        _changed.Release();
        return Task.CompletedTask;
    }

    public void Dispose() => _changed.Dispose();

    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _changed.WaitAsync(Interval, cancellationToken);
        while (_changed.Wait(0, cancellationToken))
        {
        }
    }
}
