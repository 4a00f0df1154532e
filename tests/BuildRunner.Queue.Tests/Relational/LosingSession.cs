namespace BuildRunner.Queue.Tests.Relational;

/// <summary>A session that breaks its connection at the last write.</summary>
internal sealed class LosingSession(QueueSession inner, Loss loss) : ForwardingSession(inner)
{
    public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        var write = () => Inner.WriteAsync(changes, topic, isLast, cancellationToken);
        return isLast ? LoseAsync(write) : write();
    }

    public override Task<bool> TryWriteNewAsync(QueueChanges changes, CancellationToken cancellationToken) =>
        LoseAsync(() => Inner.TryWriteNewAsync(changes, cancellationToken));

    private async Task<T> LoseAsync<T>(Func<Task<T>> write)
    {
        if (loss == Loss.BeforeTheWrite)
        {
            throw new LostException();
        }

        var result = await write();
        return loss == Loss.AfterTheWrite ? throw new LostException() : result;
    }
}
