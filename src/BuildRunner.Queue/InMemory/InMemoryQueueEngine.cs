using BuildRunner.Queue.InMemory;
using BuildRunner.Queue.Rules;

namespace BuildRunner.Queue.Engines;

/// <summary>A queue in the memory of this process, for tests and demonstrations. It keeps every rule but that of surviving the process. All
/// methods complete before they return.</summary>
internal sealed class InMemoryQueueEngine : QueueEngine
{
    private readonly MemoryQueueDatabase _database;

    public InMemoryQueueEngine(TimeProvider timeProvider)
        : this(new MemoryQueueDatabase(timeProvider), timeProvider)
    {
    }

    private InMemoryQueueEngine(MemoryQueueDatabase database, TimeProvider timeProvider)
        : base(database, timeProvider) => _database = database;

    /// <summary>Gets how many topics, partitions and messages there are.</summary>
    public (int Topics, int Partitions, int Messages) Size => _database.Size;

    /// <summary>Publishes messages together with a change of something else in this process, as other engines do it in a transaction of the
    /// caller: nothing is claimed between the two.</summary>
    /// <param name="change">Makes the change and returns <see langword="true"/>, or changes nothing and returns <see langword="false"/>. It
    /// must be quick and must not use this engine.</param>
    /// <param name="messages">The messages, which are published if <paramref name="change"/> returns <see langword="true"/>.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public Task<bool> TryPublishAsync(Func<bool> change, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(messages);
        MemoryWrite write = new(change);
        return RunAsync(
            async session =>
            {
                var published = await new PublishTransaction(session).RunAsync(write, messages, cancellationToken).ConfigureAwait(false);
                return published is not null;
            },
            cancellationToken);
    }
}
