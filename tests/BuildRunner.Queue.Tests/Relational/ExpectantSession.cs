namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A session in a busy topic: before each try, a publish of somebody else has found only new partitions.</summary>
internal sealed class ExpectantSession(QueueSession inner) : ForwardingSession(inner)
{
    public override bool ExpectsNew(IReadOnlyList<TopicKeys> topics) => true;

    public override Task<bool> TryWriteNewAsync(QueueChanges changes, CancellationToken cancellationToken)
    {
        Inner.IsShared = IsShared;
        return Inner.TryWriteNewAsync(changes, cancellationToken);
    }

    public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken) =>
        Inner.WriteAsync(changes, topic, isLast, cancellationToken);
}
