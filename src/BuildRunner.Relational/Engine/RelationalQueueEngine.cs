using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Publishing;
using BuildRunner.Queue.Rules;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Relational;

/// <summary>Represents a queue in a SQL database that can also publish in a caller's transaction.</summary>
internal sealed class RelationalQueueEngine : QueueEngine
{
    private readonly IBuildDatabase _database;
    private readonly SharedPublishes _publishes;
    private volatile bool _isMigrated;

    public RelationalQueueEngine(IBuildDatabase database, TimeProvider timeProvider, ILogger? logger = null)
        : base(database, timeProvider, logger)
    {
        _database = database;
        _publishes = new SharedPublishes(this);
    }

    public override Task<IReadOnlyList<PublishResult>> PublishAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        messages.Count == 0 || _database.BuildDialect.GroupsCommits || !SharedPublishes.IsSmall(messages)
            ? base.PublishAsync(messages, cancellationToken)
            : _publishes.PublishAsync(messages, cancellationToken);

    /// <summary>Publishes messages when a caller's transaction commits. Fails if no engine was started and the queue's tables are missing
    /// or out of date: migrating here might wait for the transaction.</summary>
    public async Task<IReadOnlyList<PublishResult>> PublishAsync(
        DbTransaction transaction, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        if (!IsStarted && !_isMigrated)
        {
            _isMigrated = await _database.IsMigratedAsync(transaction, cancellationToken).ConfigureAwait(false)
                ? true
                : throw new InvalidOperationException(
                    "The queue's tables are missing or out of date in the database of the transaction. "
                    + "Start the host before the transaction begins.");
        }

        var session = _database.Join(transaction);
        await using (session.ConfigureAwait(false))
        {
            return messages.Count == 0
                ? []
                : await new PublishTransaction(session).RunAsync(messages, cancellationToken).ConfigureAwait(false);
        }
    }
}

/// <summary>Checks messages, adds the trace context and publishes them in a caller's transaction.</summary>
internal sealed class TransactionalPublisher(RelationalQueueEngine engine, QueueOptions options) : ITransactionalPublisher
{
    public Task<IReadOnlyList<PublishResult>> PublishAsync(
        DbTransaction transaction, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        PayloadLimit.ThrowIfExceeded(messages, options);
        return engine.PublishAsync(transaction, TraceHeaders.Write(messages), cancellationToken);
    }
}
