namespace BuildRunner.Queue.Engines;

/// <summary>Stores messages and delivers them by the rules of the queue. Safe for use by several threads.</summary>
/// <remarks>There is one implementation, <see cref="QueueEngine"/>; the interface is where tests look at what is asked and make it
/// fail.</remarks>
internal interface IQueueEngine : IAsyncDisposable
{
    /// <summary>Gets the name of the messaging system for telemetry, such as <c>postgresql</c>.</summary>
    string Name { get; }

    /// <summary>Brings the schema up to date, which the other methods do themselves where it was not done. Once it has succeeded it does
    /// nothing and costs nothing.</summary>
    /// <exception cref="InvalidOperationException">The data is of a newer version that this one cannot serve.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stores messages, all of them or none, in their order. An identity may occur several times.</summary>
    Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>Settles, renews, ends expired leases and claims, in this order and in one transaction. After a cancellation, it is not
    /// known whether it is done.</summary>
    Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken);

    /// <summary>Calls a method with a time after which a topic may have something to claim earlier than the last round said, until the
    /// subscription is disposed. Not a promise: a consumer looks by itself as well.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="wake">The method. It must be quick and must not throw.</param>
    IDisposable Subscribe(string topic, Action<TimeSpan> wake);

    /// <summary>Lists dead letters of a topic by partition key and id.</summary>
    Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>Moves dead letters, leased or not, back to their topic by a publish, in one transaction, and returns how many there
    /// were.</summary>
    Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    /// <summary>Deletes dead letters, leased or not, in one transaction, and returns how many there were.</summary>
    Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);
}
