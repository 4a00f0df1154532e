namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>A runner that blocks each poll until the test releases it, and ignores the token.</summary>
internal sealed class GatedRunner : IBuildRunner
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _full = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _fullAt;
    private int _triggered;
    private int _underWay;

    public GatedRunner(int fullAt) => _fullAt = fullAt;

    /// <summary>Gets a task that completes when as many polls are under way as was said.</summary>
    public Task Full => _full.Task;

    public int MostUnderWay { get; private set; }

    public void Open() => _gate.TrySetResult();

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        Task.FromResult(new BuildId($"gated-{Interlocked.Increment(ref _triggered)}"));

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            _underWay++;
            MostUnderWay = Math.Max(MostUnderWay, _underWay);
            if (_underWay == _fullAt)
            {
                _full.TrySetResult();
            }
        }

        await _gate.Task;
        lock (_lock)
        {
            _underWay--;
        }

        return new BuildSnapshot { Status = BuildStatus.Succeeded };
    }

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;
}
