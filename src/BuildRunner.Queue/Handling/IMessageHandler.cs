namespace BuildRunner.Queue;

/// <summary>Represents a handler for the messages of a topic.</summary>
/// <remarks>Programs implement it, so it gains no members.</remarks>
public interface IMessageHandler
{
    /// <summary>Handles a message. Each message is delivered at least once. It can be delivered again after it was handled, if a process
    /// ends or is cut off for longer than its lease.</summary>
    /// <param name="delivery">The message and its delivery history.</param>
    /// <param name="cancellationToken">Cancelled when the host stops, the lease is lost, or <see cref="ConsumerOptions.HandlerTimeout"/>
    /// passes.</param>
    /// <returns>The outcome for the message.</returns>
    /// <remarks>
    /// <para>Called for several messages at a time, but never for two in one partition. An exception counts as <see cref="Outcome.Retry"/>,
    /// and so does exceeding <see cref="ConsumerOptions.HandlerTimeout"/>. After that time-out, <see cref="Outcome.Done"/> and
    /// <see cref="Outcome.Reject"/> still hold, but <see cref="Outcome.Postpone"/> becomes <see cref="Outcome.Retry"/>: a handler that is
    /// always late must not run forever.</para>
    /// <para>If a handler has not returned 5 seconds after its token was cancelled, its message is settled without it and the partition
    /// continues. The handler can then overlap with the next attempt or the next message. Its outcome is ignored.</para>
    /// </remarks>
    Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken);
}
