using BuildRunner.Queue.Tests.Relational;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>A session in which something happens before the last write.</summary>
internal sealed class ForestalledSession(QueueSession inner, Func<Task> happening) : ForwardingSession(inner)
{
    public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        if (isLast)
        {
            await happening();
        }

        return await Inner.WriteAsync(changes, topic, isLast, cancellationToken);
    }

    public override async Task<bool> TryWriteNewAsync(QueueChanges changes, CancellationToken cancellationToken)
    {
        await happening();
        return await Inner.TryWriteNewAsync(changes, cancellationToken);
    }
}
