namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A session that breaks its connection at the last write.</summary>
internal sealed class LosingSession(QueueSession inner, Loss loss) : QueueSession
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
        if (isLast && loss == Loss.BeforeTheWrite)
        {
            throw new LostException();
        }

        var next = await inner.WriteAsync(changes, topic, isLast, cancellationToken);
        return isLast && loss == Loss.AfterTheWrite ? throw new LostException() : next;
    }
}
