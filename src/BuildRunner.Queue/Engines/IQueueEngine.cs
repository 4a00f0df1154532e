namespace BuildRunner.Queue.Engines;

/// <summary>Stores messages and delivers them by the rules of the queue. Safe for use by several threads.</summary>
/// <remarks>The only implementation is <see cref="QueueEngine"/>; tests use the interface to observe calls and make them fail.</remarks>
internal interface IQueueEngine : ISyncDisposable
{
    string Name { get; }

    /// <summary>Brings the schema up to date; the other methods do so if needed. After the first success it does nothing.</summary>
    /// <exception cref="InvalidOperationException">The schema is of a newer version that this program cannot serve.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stores messages, all or none, in order. An identity may occur several times.</summary>
    Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Settles, renews, ends expired leases and claims, in this order, in one transaction. A cancelled call may still do
    /// so.</summary>
    Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken);

    /// <summary>Calls a method with the time after which a topic may have something to claim, if that is earlier than the last round said.
    /// Calls can be lost, so consumers also poll. The method must be fast and must not throw.</summary>
    IDisposable Subscribe(string topic, Action<TimeSpan> wake);

    /// <summary>Lists the keys of dead letters of a topic, in order.</summary>
    Task<IReadOnlyList<MessageKey>> ListDeadLetterKeysAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>Lists dead letters of a topic by partition key and id.</summary>
    Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>Publishes dead letters, leased or not, to their topic again, in one transaction, and returns their number.</summary>
    Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    /// <summary>Deletes dead letters, leased or not, in one transaction, and returns their number.</summary>
    Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);
}
