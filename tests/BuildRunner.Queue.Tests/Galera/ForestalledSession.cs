namespace BuildRunner.Queue.Tests.Galera;

/// <summary>A session in which something happens before the last write.</summary>
internal sealed class ForestalledSession(QueueSession inner, Func<Task> happening) : QueueSession
{
    public override Task<RoundLocks> LockForRoundAsync(string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken) =>
        inner.LockForRoundAsync(topic, keys, limit, quarantinedLimit, cancellationToken);

    public override Task<PublishLocks> LockForPublishAsync(IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken) =>
        inner.LockForPublishAsync(writes, topics, cancellationToken);

    public override Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
        inner.LockAsync(topic, keys, creates, waits, cancellationToken);

    public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken) => inner.ReadAsync(query, cancellationToken);

    public override Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        inner.ListAsync(topic, limit, after, cancellationToken);

    public override Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken) => inner.ExecuteAsync(write, isLast, cancellationToken);

    public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        if (isLast)
        {
            await happening();
        }

        return await inner.WriteAsync(changes, topic, isLast, cancellationToken);
    }
}
