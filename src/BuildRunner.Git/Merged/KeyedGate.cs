namespace BuildRunner.Git.Merged;

/// <summary>Serializes work per name.</summary>
internal sealed class KeyedGate
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (SemaphoreSlim Semaphore, int Count)> _gates = new(StringComparer.Ordinal);

    /// <summary>Waits for a turn.</summary>
    /// <returns>The turn, which ends on disposal.</returns>
    public async Task<IDisposable> EnterAsync(string name, CancellationToken cancellationToken)
    {
        SemaphoreSlim semaphore;
        lock (_lock)
        {
            (semaphore, var count) = _gates.TryGetValue(name, out var gate) ? gate : (new SemaphoreSlim(1, 1), 0);
            _gates[name] = (semaphore, count + 1);
        }

        try
        {
            await semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(name);
            throw;
        }

        return new Turn(this, name, semaphore);
    }

    private void Leave(string name)
    {
        lock (_lock)
        {
            var (semaphore, count) = _gates[name];
            if (count == 1)
            {
                _gates.Remove(name);
            }
            else
            {
                _gates[name] = (semaphore, count - 1);
            }
        }
    }

    private sealed class Turn(KeyedGate gate, string name, SemaphoreSlim semaphore) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                semaphore.Release();
                gate.Leave(name);
            }
        }
    }
}
