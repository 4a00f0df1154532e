namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A session that passes all but its writes on to another one.</summary>
internal abstract class ForwardingSession(QueueSession inner) : QueueSession
{
    protected QueueSession Inner { get; } = inner;

    public override Task<RoundLocks> LockForRoundAsync(string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken) =>
        Inner.LockForRoundAsync(topic, keys, limit, quarantinedLimit, cancellationToken);

    public override Task<PublishLocks> LockForPublishAsync(IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken) =>
        Inner.LockForPublishAsync(writes, topics, cancellationToken);

    public override bool ExpectsNew(IReadOnlyList<TopicKeys> topics) => Inner.ExpectsNew(topics);

    public override Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
        Inner.LockAsync(topic, keys, creates, waits, cancellationToken);

    public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken) => Inner.ReadAsync(query, cancellationToken);

    public override Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        Inner.ListAsync(topic, limit, after, cancellationToken);

    public override Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken) => Inner.ExecuteAsync(write, isLast, cancellationToken);
}
