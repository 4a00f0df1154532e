namespace BuildRunner.Benchmarks.Queue;

/// <summary>How many polls there have been.</summary>
internal sealed class Progress(Workload workload)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _polls;

    public Workload Workload { get; } = workload;

    public Task Finished => _finished.Task;

    public void Add()
    {
        if (Interlocked.Increment(ref _polls) == Workload.Builds * Workload.Polls)
        {
            _finished.TrySetResult();
        }
    }
}
