using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A database whose transactions wait for a gate, and are counted.</summary>
internal sealed class GatedDatabase(IBuildDatabase inner, Task gate, Func<QueueSession, QueueSession>? wrap = null) : IBuildDatabase
{
    private int _transactions;

    public int Transactions => _transactions;

    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public BuildDialect BuildDialect => inner.BuildDialect;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        inner.IsMigratedAsync(transaction, cancellationToken);

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _transactions);
        await gate;
        return await inner.RunAsync(session => work(wrap?.Invoke(session) ?? session), cancellationToken);
    }

    public Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken) =>
        inner.ReadAsync(statement, read, cancellationToken);

    public QueueSession Join(DbTransaction transaction) => inner.Join(transaction);

    public FailureKind KindOf(Exception exception) => inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
