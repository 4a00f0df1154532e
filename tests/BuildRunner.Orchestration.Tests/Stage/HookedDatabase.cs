using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;

namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The database of one process, which can be hit between any two statements of a transaction that saves or publishes.</summary>
internal sealed class HookedDatabase(IBuildDatabase inner, CallHook hook) : IBuildDatabase
{
    public string Name => inner.Name;

    public WakeSignals Signals => inner.Signals;

    public BuildDialect BuildDialect => inner.BuildDialect;

    public Task MigrateAsync(CancellationToken cancellationToken) => inner.MigrateAsync(cancellationToken);

    public Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) => inner.IsMigratedAsync(transaction, cancellationToken);

    // What a process settles and claims is no call of the hook.
    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken) =>
        hook is { IsInCall: true, OnStatement: not null } ? inner.RunAsync(session => work(new Session(session, hook)), cancellationToken) : inner.RunAsync(work, cancellationToken);

    public Task<QueueClock> ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken) => inner.ReadAsync(statement, read, cancellationToken);

    public QueueSession Join(DbTransaction transaction) => inner.Join(transaction);

    public FailureKind KindOf(Exception exception) => inner.KindOf(exception);

    // Another process uses it afterwards.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Session(QueueSession inner, CallHook hook) : QueueSession
    {
        public override Task<RoundLocks> LockForRoundAsync(string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken) =>
            MeetAsync(inner.LockForRoundAsync(topic, keys, limit, quarantinedLimit, cancellationToken));

        public override Task<PublishLocks> LockForPublishAsync(StoreWrite? write, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken) =>
            MeetAsync(inner.LockForPublishAsync(write, topics, cancellationToken));

        public override Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
            MeetAsync(inner.LockAsync(topic, keys, creates, waits, cancellationToken));

        public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken) => MeetAsync(inner.ReadAsync(query, cancellationToken));

        public override Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
            MeetAsync(inner.ListAsync(topic, limit, after, cancellationToken));

        // What commits with its last statement has no moment between the two.
        public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken) =>
            MeetAsync(inner.WriteAsync(changes, topic, isLast: false, cancellationToken));

        public override Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken) =>
            MeetAsync(inner.ExecuteAsync(write, isLast: false, cancellationToken));

        private async Task<T> MeetAsync<T>(Task<T> statement)
        {
            var result = await statement;
            hook.MeetStatement();
            return result;
        }
    }
}
