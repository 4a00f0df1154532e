namespace BuildRunner.Queue;

/// <summary>
/// Provides the handling of the messages of a topic.
/// </summary>
/// <remarks>Programs implement it, so it gains no members.</remarks>
public interface IMessageHandler
{
    /// <summary>
    /// Handles a message. A message comes at least once, and may come again although it was handled: where a process ends, or is cut off for longer than its lease.
    /// </summary>
    /// <param name="delivery">The message, and what is known about its deliveries.</param>
    /// <param name="cancellationToken">Is canceled when the host stops, when <see cref="ConsumerOptions.HandlerTimeout"/> has passed, and when the lease is lost.</param>
    /// <returns>What is to become of the message.</returns>
    /// <remarks>
    /// <para>Called for several messages at a time, never for two of one partition. An exception is <see cref="Outcome.Retry"/>; so is running past <see cref="ConsumerOptions.HandlerTimeout"/>. Of what is returned after that time, <see cref="Outcome.Done"/> and <see cref="Outcome.Reject"/> hold; <see cref="Outcome.Postpone"/> is <see cref="Outcome.Retry"/> then, so that a handler that never ends in time does not come again for ever.</para>
    /// <para>A handler that goes on for more than 5 seconds after its token was canceled, or that blocks its thread so long, is not waited for: its message is settled without it and its partition goes on, so that it may overlap with the next attempt or with the next message. What it returns then changes nothing.</para>
    /// </remarks>
    Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken);
}
