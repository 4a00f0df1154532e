namespace BuildRunner.Queue;

/// <summary>Provides methods to publish messages.</summary>
/// <remarks>
/// <para>When a method returns, its messages are stored durably: they survive a restart, unless the queue is in memory. After each return
/// the message is handled at least once, by a run that started afterwards.</para>
/// <para>Safe for use by several threads. If the database cannot be reached, a method retries a few times, then throws the exception of the
/// driver. If the answer to a try was lost, the message may be stored: the next try can return <see cref="PublishResult.Duplicate"/> for
/// it, and if it was handled in between, it is handled again. A cancelled call may still store its messages.</para>
/// <para>It may gain members in a minor version: mock it, do not implement it.</para>
/// </remarks>
public interface IPublisher
{
    /// <summary>Publishes a message that is visible at once.</summary>
    /// <param name="topic">The topic: 1 to 200 characters.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The result for the message.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="message"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or the payload is longer than
    /// <see cref="QueueOptions.MaxPayloadBytes"/>. Nothing is stored.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<PublishResult> PublishAsync(string topic, Message message, CancellationToken cancellationToken = default);

    /// <summary>Publishes a message that becomes visible after a delay. Until then it does not block its partition.</summary>
    /// <param name="topic">The topic: 1 to 200 characters.</param>
    /// <param name="message">The message.</param>
    /// <param name="delay">The minimum time to stay invisible, by the engine's clock, across restarts. Zero or less means visible at
    /// once.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The result for the message.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="message"/> is
    /// <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is more than
    /// <see cref="OutgoingMessage.MaxDelay"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> is not a valid topic name, or the payload is longer than
    /// <see cref="QueueOptions.MaxPayloadBytes"/>. Nothing is stored.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<PublishResult> PublishAfterAsync(string topic, Message message, TimeSpan delay, CancellationToken cancellationToken = default);

    /// <summary>Publishes several messages, all or none, in order.</summary>
    /// <param name="messages">The messages, to any number of topics. An empty list does nothing.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The result for each message, in the order of <paramref name="messages"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> or one of them is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A payload is longer than <see cref="QueueOptions.MaxPayloadBytes"/>. Nothing is
    /// stored.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    Task<IReadOnlyList<PublishResult>> PublishAllAsync(
        IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);
}
