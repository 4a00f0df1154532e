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
    public Task<bool> TryPublishAsync(Func<bool> change, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        MemoryWrite write = new(change);
        return RunAsync(
            async session =>
            {
                var written = await new PublishTransaction(session).RunAsync([(write, messages)], cancellationToken).ConfigureAwait(false);
                return written[0];
            },
            cancellationToken);
    }
}
