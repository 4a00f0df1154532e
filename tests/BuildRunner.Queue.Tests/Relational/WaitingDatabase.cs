namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A database in which a transaction waits before it begins, as for a lock or a connection.</summary>
internal sealed class WaitingDatabase(IQueueDatabase inner, Action wait) : IQueueDatabase
{
    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        wait();
        return inner.RunAsync(work, cancellationToken);
    }

    public FailureKind KindOf(Exception exception) => inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
