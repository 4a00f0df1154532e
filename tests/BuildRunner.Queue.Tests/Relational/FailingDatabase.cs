using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A database that cannot publish more than one message in a transaction, for a passing reason.</summary>
internal sealed class FailingDatabase(IBuildDatabase inner, Exception failure) : IBuildDatabase
{
    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public BuildDialect BuildDialect => inner.BuildDialect;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) => inner.IsMigratedAsync(transaction, cancellationToken);

    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunAsync(session => work(new Session(session, failure)), cancellationToken);

    public Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken) => inner.ReadAsync(statement, read, cancellationToken);

    public QueueSession Join(DbTransaction transaction) => inner.Join(transaction);

    public FailureKind KindOf(Exception exception) => exception == failure ? FailureKind.Transient : inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Session(QueueSession inner, Exception failure) : ForwardingSession(inner)
    {
        public override bool ExpectsNew(IReadOnlyList<TopicKeys> topics) => false;

        public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken) =>
            changes.Inserts.Count > 1 ? Task.FromException<NextDue>(failure) : Inner.WriteAsync(changes, topic, isLast, cancellationToken);
    }
}
