using System.Runtime.InteropServices;

namespace BuildRunner.Orchestration;

/// <summary>Tells those who wait in this process that a build has ended in it. Safe for use by several threads.</summary>
internal sealed class BuildEnds
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<Wait>> _waits = [];

    public Wait Begin(Guid id)
    {
        Wait wait = new(this, id);
        lock (_lock)
        {
            (CollectionsMarshal.GetValueRefOrAddDefault(_waits, id, out _) ??= []).Add(wait);
        }

        return wait;
    }

    public void Note(Guid id)
    {
        lock (_lock)
        {
            _waits.GetValueOrDefault(id)?.ForEach(static wait => wait.TrySetResult());
        }
    }

    internal sealed class Wait(BuildEnds ends, Guid id)
        : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), IDisposable
    {
        public void Dispose()
        {
            lock (ends._lock)
            {
                if (ends._waits.TryGetValue(id, out var waits) && waits.Remove(this) && waits.Count == 0)
                {
                    ends._waits.Remove(id);
                }
            }
        }
    }
}
