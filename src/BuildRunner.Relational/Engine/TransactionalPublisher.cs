using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Relational;

/// <summary>
/// Represents the publisher in transactions of callers, for the packages that register it.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="options">What holds for the queue.</param>
/// <remarks>Safe for use by several threads.</remarks>
internal sealed class TransactionalPublisher(RelationalQueueEngine engine, QueueOptions options) : ITransactionalPublisher
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<PublishResult>> PublishAsync(DbTransaction transaction, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        OutgoingMessages.ThrowIfInvalid(publications, options);
        return engine.PublishAsync(transaction, OutgoingMessages.WithTrace(publications), cancellationToken);
    }
}
