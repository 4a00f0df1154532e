using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Queue.Publishing;
using BuildRunner.Queue.Telemetry;

namespace BuildRunner.Relational;

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
