using MySqlConnector;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>A database in which something happens to the first transaction while it has its locks, before it writes and commits.</summary>
internal sealed class ForestalledDatabase(IQueueDatabase inner, Func<Task> happening) : IQueueDatabase
{
    private bool _hasHappened;

    /// <summary>Gets what the server has said to the transactions that have failed.</summary>
    public List<MySqlErrorCode> Errors { get; } = [];

    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await inner.RunAsync(session => work(new ForestalledSession(session, HappenAsync)), cancellationToken);
        }
        catch (MySqlException exception)
        {
            Errors.Add(exception.ErrorCode);
            throw;
        }
    }

    public FailureKind KindOf(Exception exception) => inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task HappenAsync()
    {
        if (!_hasHappened)
        {
            _hasHappened = true;
            await happening();
        }
    }
}
