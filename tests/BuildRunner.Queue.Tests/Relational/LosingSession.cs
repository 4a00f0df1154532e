namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A session that breaks its connection at the last write.</summary>
internal sealed class LosingSession(QueueSession inner, Loss loss) : ForwardingSession(inner)
{
    public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        if (isLast && loss == Loss.BeforeTheWrite)
        {
            throw new LostException();
        }

        var next = await Inner.WriteAsync(changes, topic, isLast, cancellationToken);
        return isLast && loss == Loss.AfterTheWrite ? throw new LostException() : next;
    }
}
