namespace BuildRunner.Queue.Engines;

/// <summary>
/// Provides where messages are stored, and the rules by which they are delivered. For those who write an engine; a program uses <see cref="IPublisher"/> and handlers.
/// </summary>
/// <remarks>Safe for use by several threads. All times are by the engine's own clock, which all processes that share its data share.</remarks>
internal interface IQueueEngine : IAsyncDisposable
{
    /// <summary>
    /// Gets the name of the messaging system for telemetry, such as <c>postgresql</c>.
    /// </summary>
    string Name { get; }

    /// <summary>
    /// Sees that the data can be used, and brings its schema up to date. The other methods may be called without it and do it themselves then.
    /// </summary>
    /// <remarks>May be called by several threads and again. Once it has succeeded it does nothing and costs nothing.</remarks>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task for the operation.</returns>
    /// <exception cref="InvalidOperationException">The data is of a newer version that this one cannot serve.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores messages, all of them or none.
    /// </summary>
    /// <param name="publications">The messages, in their order. An identity may be in it several times.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What has become of each, in the order of <paramref name="publications"/>.</returns>
    Task<IReadOnlyList<PublishResult>> PublishAsync(IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken);

    /// <summary>
    /// Settles, renews, lets expired leases lapse and claims, in this order and in one transaction.
    /// </summary>
    /// <param name="round">What to do.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether it is done.</param>
    /// <returns>What was done.</returns>
    Task<QueueRoundResult> RunRoundAsync(QueueRound round, CancellationToken cancellationToken);

    /// <summary>
    /// Has a method called when a topic may have got something to claim earlier than the last round said. Not a promise: a consumer looks by itself as well.
    /// </summary>
    /// <param name="topic">The topic.</param>
    /// <param name="wake">The method, called with the time after which there is something. It must be quick and must not throw.</param>
    /// <returns>What ends the subscription when disposed of.</returns>
    IDisposable Subscribe(string topic, Action<TimeSpan> wake);

    /// <summary>
    /// Lists messages of a dead-letter topic by partition key and id.
    /// </summary>
    /// <param name="topic">The topic that the messages were in.</param>
    /// <param name="limit">How many to list.</param>
    /// <param name="after">After which message to begin, or <see langword="null"/> for the first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The messages.</returns>
    Task<DeadLetterPage> ListDeadLettersAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken);

    /// <summary>
    /// Moves messages of a dead-letter topic, leased or not, back to their topic by a publish, in one transaction.
    /// </summary>
    /// <param name="topic">The topic that the messages were in.</param>
    /// <param name="keys">The messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How many there were.</returns>
    Task<int> RedriveAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes messages of a dead-letter topic, leased or not, in one transaction.
    /// </summary>
    /// <param name="topic">The topic that the messages were in.</param>
    /// <param name="keys">The messages.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How many there were.</returns>
    Task<int> PurgeAsync(string topic, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken);
}
