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

    /// <summary>Gets the numbers of topics, partitions and messages.</summary>
    public (int Topics, int Partitions, int Messages) Size => _database.Size;

    /// <summary>Publishes messages atomically with another change in this process, as other engines do in a caller's transaction.</summary>
    /// <param name="change">Makes the change and returns <see langword="true"/>, or changes nothing and returns <see langword="false"/>. It
    /// must be fast and must not use this engine.</param>
    /// <param name="messages">The messages, which are published if <paramref name="change"/> returns <see langword="true"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
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
