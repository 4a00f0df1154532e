namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A database that breaks the connection once, at the end of a transaction.</summary>
internal sealed class LosingDatabase(IQueueDatabase inner) : IQueueDatabase
{
    private Loss _next;

    public int Losses { get; private set; }

    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    /// <summary>Has the next transaction lost.</summary>
    public void LoseNext(Loss loss) => _next = loss;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        var loss = _next;
        _next = Loss.None;
        Losses += loss == Loss.None ? 0 : 1;
        var result = await inner.RunAsync(session => work(loss == Loss.None ? session : new LosingSession(session, loss)), cancellationToken);
        return loss == Loss.None ? result : throw new LostException();
    }

    public FailureKind KindOf(Exception exception) => exception is LostException ? FailureKind.Transient : inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
