namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Polls of one process whose answers are kept back until this is disposed of.</summary>
internal sealed class KeptCalls(Action ended) : IDisposable
{
    // About as many as it makes at a time.
    private const int Many = 4;

    private readonly Lock _gate = new();
    private readonly HashSet<BuildId> _builds = [];
    private readonly TaskCompletionSource _many = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _takenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets what ends when it makes many of them.</summary>
    public Task AreMany => _many.Task;

    /// <summary>Gets what ends when another process asks for one of the builds, because it was given the message.</summary>
    public Task IsTakenOver => _takenOver.Task;

    /// <summary>Keeps back what the process is told.</summary>
    /// <returns>What ends when it may be told.</returns>
    public Task Keep(BuildId build)
    {
        lock (_gate)
        {
            _builds.Add(build);
            if (_builds.Count >= Many)
            {
                _many.TrySetResult();
            }
        }

        return _given.Task;
    }

    /// <summary>Notes that another process asks for a build.</summary>
    public void Asked(BuildId build)
    {
        lock (_gate)
        {
            if (_builds.Contains(build))
            {
                _takenOver.TrySetResult();
            }
        }
    }

    public void Dispose()
    {
        ended();
        _given.SetResult();
    }
}
