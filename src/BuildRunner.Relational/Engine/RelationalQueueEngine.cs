using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Rules;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Relational;

/// <summary>A queue in a SQL database, which publishes in transactions of callers as well.</summary>
internal sealed class RelationalQueueEngine(
    IBuildDatabase database, TimeProvider timeProvider, ILogger? logger = null) : QueueEngine(database, timeProvider, logger)
{
    private volatile bool _isMigrated;

    /// <summary>Publishes messages when a caller's transaction is committed.</summary>
    /// <exception cref="ArgumentException"><paramref name="transaction"/> is one of another driver, or is over.</exception>
    /// <exception cref="InvalidOperationException">The tables of the queue are not there or not up to date, because no engine was started.
    /// It cannot be done here: it might wait for the transaction.</exception>
    public async Task<IReadOnlyList<PublishResult>> PublishAsync(
        DbTransaction transaction, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        ArgumentNullException.ThrowIfNull(messages);
        if (!IsStarted && !_isMigrated)
        {
            _isMigrated = await database.IsMigratedAsync(transaction, cancellationToken).ConfigureAwait(false)
                ? true
                : throw new InvalidOperationException(
                    "The database of the transaction does not have the queue's tables, or not all of them. "
                    + "Start the host, or call StartAsync of the queue's engine, before the transaction begins.");
        }

        var session = database.Join(transaction);
        await using (session.ConfigureAwait(false))
        {
            return (await new PublishTransaction(session).RunAsync(write: null, messages, cancellationToken).ConfigureAwait(false))!;
        }
    }
}
