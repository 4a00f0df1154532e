using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>A database in which something happens to what is done.</summary>
/// <param name="inner">The real one.</param>
/// <param name="fault">What happens after the messages of a save are written and before they are committed.</param>
/// <param name="before">What happens before a transaction begins.</param>
/// <param name="afterCommit">What happens after a commit, and before its answer.</param>
/// <param name="beforeRead">What happens before a read.</param>
internal sealed class FaultyDatabase(IBuildDatabase inner, Func<Task> fault, Func<Task>? before = null, Func<Task>? afterCommit = null, Func<Task>? beforeRead = null) : IBuildDatabase
{
    /// <summary>Gets how often that is.</summary>
    public int Faults { get; private set; }

    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public BuildDialect BuildDialect => inner.BuildDialect;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) => inner.IsMigratedAsync(transaction, cancellationToken);

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        await (before?.Invoke() ?? Task.CompletedTask);
        var result = await inner.RunAsync(session => work(new Session(session, FailAsync)), cancellationToken);
        await (afterCommit?.Invoke() ?? Task.CompletedTask);
        return result;
    }

    public async Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        await (beforeRead?.Invoke() ?? Task.CompletedTask);
        return await inner.ReadAsync(statement, read, cancellationToken);
    }

    public QueueSession Join(DbTransaction transaction) => inner.Join(transaction);

    public FailureKind KindOf(Exception exception) => exception is TimeoutException ? FailureKind.Transient : inner.KindOf(exception);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private Task FailAsync()
    {
        Faults++;
        return fault();
    }

    private sealed class Session(QueueSession inner, Func<Task> fault) : QueueSession
    {
        public override Task<RoundLocks> LockForRoundAsync(string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken) =>
            inner.LockForRoundAsync(topic, keys, limit, quarantinedLimit, cancellationToken);

        public override Task<PublishLocks> LockForPublishAsync(StoreWrite? write, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken) => inner.LockForPublishAsync(write, topics, cancellationToken);

        public override Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
            inner.LockAsync(topic, keys, creates, waits, cancellationToken);

        public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken) => inner.ReadAsync(query, cancellationToken);

        public override Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) => inner.ListAsync(topic, limit, after, cancellationToken);

        public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
        {
            var next = await inner.WriteAsync(changes, topic, isLast: false, cancellationToken);
            await fault();
            return next;
        }

        public override Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken) => inner.ExecuteAsync(write, isLast, cancellationToken);
    }
}
