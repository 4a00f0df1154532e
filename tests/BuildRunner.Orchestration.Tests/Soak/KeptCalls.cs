namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Polls of one process whose answers are kept back until this is disposed of.</summary>
internal sealed class KeptCalls(Action ended) : IDisposable
{
    // About as many as it makes at a time.
    private const int Many = 4;

    private readonly Lock _gate = new();
    private readonly List<BuildId> _open = [];
    private readonly TaskCompletionSource _many = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _takenOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _given = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<BuildId> _cut = [];

    /// <summary>Gets what ends when many of them are open.</summary>
    public Task AreMany => _many.Task;

    /// <summary>Gets what ends when another process asks what one of them asked that was open at the cut, because it was given the message.</summary>
    public Task IsTakenOver => _takenOver.Task;

    /// <summary>Gets what ends when the process may be told.</summary>
    public Task AreGiven => _given.Task;

    /// <summary>Notes that a call is kept.</summary>
    /// <returns>What is to be disposed of at its end.</returns>
    public IDisposable Keep(BuildId build)
    {
        lock (_gate)
        {
            _open.Add(build);
            if (_open.Count >= Many)
            {
                _many.TrySetResult();
            }
        }

        return new Call(this, build);
    }

    /// <summary>Notes that the process is cut off now. The calls that are open now count: it gives them up before others are given their messages.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _cut = [.. _open];
        }
    }

    /// <summary>Notes that another process asks for a build.</summary>
    public void Asked(BuildId build)
    {
        lock (_gate)
        {
            if (_cut.Contains(build))
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

    private sealed class Call(KeptCalls calls, BuildId build) : IDisposable
    {
        public void Dispose()
        {
            lock (calls._gate)
            {
                calls._open.Remove(build);
            }
        }
    }
}
