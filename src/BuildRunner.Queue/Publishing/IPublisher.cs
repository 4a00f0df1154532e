namespace BuildRunner.Queue;

/// <summary>
/// Provides the sending side of the queue.
/// </summary>
/// <remarks>
/// <para>
/// A message that a method has answered for is stored as durably as the engine can: it survives a restart. After each such answer a handling of the message starts that had not started before.
/// </para>
/// <para>
/// Safe for use by several threads. Where the engine cannot be reached, a method fails with the exception of the engine's driver after a few tries. A try whose answer was lost may have stored the message, so the next one can answer <see cref="PublishResult.Duplicate"/> for what this call has stored itself, and a message that was handled in between is handled once more.
/// </para>
/// <para>
/// It may gain members in a minor version: mock it, do not implement it.
/// </para>
/// </remarks>
public interface IPublisher
{
    /// <summary>
    /// Publishes a message that is visible at once.
    /// </summary>
    /// <param name="topic">Where it goes: 1 to 200 characters.</param>
    /// <param name="message">The message.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether the message is stored.</param>
    /// <returns>What has become of the message.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="message"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or the payload has more than <see cref="QueueOptions.MaxPayloadBytes"/> bytes. Nothing is stored.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is closed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    Task<PublishResult> PublishAsync(string topic, Message message, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes a message that becomes visible when a time has passed. It holds up nothing: what of its partition is visible before goes before.
    /// </summary>
    /// <param name="topic">Where it goes: 1 to 200 characters.</param>
    /// <param name="message">The message.</param>
    /// <param name="delay">How long it stays invisible, by the clock of the engine. Never less, whatever is restarted. With zero or less, the method does what <see cref="PublishAsync(string, Message, CancellationToken)"/> does.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether the message is stored.</param>
    /// <returns>What has become of the message.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="topic"/> or <paramref name="message"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="delay"/> is more than <see cref="OutgoingMessage.MaxDelay"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="topic"/> cannot be the name of a topic, or the payload has more than <see cref="QueueOptions.MaxPayloadBytes"/> bytes. Nothing is stored.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is closed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    Task<PublishResult> PublishAfterAsync(string topic, Message message, TimeSpan delay, CancellationToken cancellationToken = default);

    /// <summary>
    /// Publishes several messages, all of them or none, in their order.
    /// </summary>
    /// <param name="messages">What to publish, to as many topics as needed. With none, nothing is done.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.
    /// After a cancellation, it is not known whether the messages are stored.</param>
    /// <returns>What has become of each message, in the order of <paramref name="messages"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> or one of them is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A payload has more than <see cref="QueueOptions.MaxPayloadBytes"/> bytes. Nothing is stored.</exception>
    /// <exception cref="ObjectDisposedException">The publisher is closed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    Task<IReadOnlyList<PublishResult>> PublishAllAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken = default);
}
