using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A database that cannot publish more than one message in a transaction, for a passing reason.</summary>
/// <param name="inner">The real one.</param>
/// <param name="failure">The reason.</param>
/// <param name="expectsNew">Whether the real one may expect new partitions.</param>
internal sealed class FailingDatabase(IBuildDatabase inner, Exception failure, bool expectsNew) : IBuildDatabase
{
    private readonly Exception _failure = failure;
    private readonly bool _expectsNew = expectsNew;
    private int _failures;
    private int _failuresOfNew;

    /// <summary>Gets how many tries have failed.</summary>
    public int Failures => _failures;

    /// <summary>Gets how many of these were to new partitions.</summary>
    public int FailuresOfNew => _failuresOfNew;

    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public BuildDialect BuildDialect => inner.BuildDialect;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) => inner.IsMigratedAsync(transaction, cancellationToken);

    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) => inner.RunAsync(session => work(new Session(session, this)), cancellationToken);

    public Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken) => inner.ReadAsync(statement, read, cancellationToken);

    public QueueSession Join(DbTransaction transaction) => inner.Join(transaction);

    public FailureKind KindOf(Exception exception) => exception == _failure ? FailureKind.Transient : inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private bool Fails(QueueChanges changes, bool isNew)
    {
        var fails = changes.Inserts.Count > 1;
        Interlocked.Add(ref _failures, fails ? 1 : 0);
        Interlocked.Add(ref _failuresOfNew, fails && isNew ? 1 : 0);
        return fails;
    }

    private sealed class Session(QueueSession inner, FailingDatabase database) : ForwardingSession(inner)
    {
        public override bool ExpectsNew(IReadOnlyList<TopicKeys> topics) => database._expectsNew && Inner.ExpectsNew(topics);

        public override Task<bool> TryWriteNewAsync(QueueChanges changes, CancellationToken cancellationToken) =>
            database.Fails(changes, isNew: true) ? Task.FromException<bool>(database._failure) : Inner.TryWriteNewAsync(changes, cancellationToken);

        public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken) =>
            database.Fails(changes, isNew: false) ? Task.FromException<NextDue>(database._failure) : Inner.WriteAsync(changes, topic, isLast, cancellationToken);
    }
}
