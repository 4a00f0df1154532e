using BuildRunner.Queue.InMemory;

namespace BuildRunner.Queue.Engines;

/// <summary>Represents a queue in memory, for tests and demonstrations. It has every rule but durability. All methods are
/// synchronous.</summary>
internal sealed class InMemoryQueueEngine : QueueEngine
{
    private readonly MemoryQueueDatabase _database;

    public InMemoryQueueEngine(TimeProvider timeProvider)
        : this(new MemoryQueueDatabase(timeProvider), timeProvider)
    {
    }

    private InMemoryQueueEngine(MemoryQueueDatabase database, TimeProvider timeProvider)
        : base(database, timeProvider) => _database = database;

    public (int Topics, int Partitions, int Messages) Size => _database.Size;

    /// <summary>Publishes messages if another change in this process is made, atomically, as other engines do in a caller's transaction.
    /// The change returns whether it changed anything. It must be fast and must not use this engine.</summary>
    public Task<bool> TryPublishAsync(
        Func<bool> change, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) => _database.RunAsync(
        session => new PublishTransaction(session).RunAsync(new MemoryWrite(change), messages, cancellationToken), cancellationToken);

    /// <summary>Makes several changes at once, and publishes the messages of those that were made.</summary>
    /// <returns>For each, whether it was made.</returns>
    public Task<bool[]> TryPublishAllAsync(
        IReadOnlyList<(Func<bool> Change, IReadOnlyList<OutgoingMessage> Messages)> changes, CancellationToken cancellationToken)
    {
        List<(StoreWrite, IReadOnlyList<OutgoingMessage>)> saves =
            [.. changes.Select(static item => ((StoreWrite)new MemoryWrite(item.Change), item.Messages))];
        return _database.RunAsync(session => new PublishTransaction(session).RunAsync(saves, cancellationToken), cancellationToken);
    }
}
