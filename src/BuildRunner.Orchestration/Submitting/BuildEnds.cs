namespace BuildRunner.Orchestration;

/// <summary>Tells those who wait in this process that a build has ended in it. Safe for use by several threads.</summary>
internal sealed class BuildEnds
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<TaskCompletionSource>> _waits = [];

    /// <summary>Begins a wait, which ends with its registration.</summary>
    public Registration Begin(Guid id)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_waits.TryGetValue(id, out var waits))
            {
                _waits.Add(id, waits = []);
            }

            waits.Add(ended);
        }

        return new Registration(this, id, ended);
    }

    /// <summary>Notes that a build has ended.</summary>
    public void Note(Guid id)
    {
        lock (_lock)
        {
            _waits.GetValueOrDefault(id)?.ForEach(static wait => wait.TrySetResult());
        }
    }

    internal sealed class Registration(BuildEnds ends, Guid id, TaskCompletionSource ended) : IDisposable
    {
        public Task Ended => ended.Task;

        public void Dispose()
        {
            lock (ends._lock)
            {
                if (ends._waits.TryGetValue(id, out var waits) && waits.Remove(ended) && waits.Count == 0)
                {
                    ends._waits.Remove(id);
                }
            }
        }
    }
}
