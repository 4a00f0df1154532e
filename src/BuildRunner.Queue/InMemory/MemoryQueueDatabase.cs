namespace BuildRunner.Queue.InMemory;

/// <summary>Represents a queue database in memory. One lock is the transaction.</summary>
internal sealed class MemoryQueueDatabase(TimeProvider timeProvider) : IQueueDatabase
{
    private readonly Lock _gate = new();
    private readonly MemoryStore _store = new();

    public string Name => "memory";

    public WakeSignals Signals { get; } = new();

    public (int Topics, int Partitions, int Messages) Size
    {
        get
        {
            lock (_gate)
            {
                return _store.Size;
            }
        }
    }

    public Task MigrateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        MemorySession session = new(_store, _gate, timeProvider);
        Task<T> result;
        try
        {
            result = work(session);
        }
        finally
        {
            session.Unlock();
        }

        if (!result.IsCompleted)
        {
            throw new InvalidOperationException("The work waited for something other than its session; await only the session's methods.");
        }

        // A failure has written nothing and wakes nobody.
        session.Wakes.ForEach(wake => Signals.Wake(wake.Topic, wake.After));
        return result;
    }

    public FailureKind KindOf(Exception exception) => FailureKind.Permanent;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
