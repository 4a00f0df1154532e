namespace BuildRunner.Queue.Publishing;

/// <summary>Rejects messages with a payload larger than <see cref="QueueOptions.MaxPayloadBytes"/>.</summary>
internal static class PayloadLimit
{
    /// <exception cref="ArgumentNullException"><paramref name="messages"/> or one of them is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">A payload is too large.</exception>
    public static void ThrowIfExceeded(IReadOnlyList<OutgoingMessage> messages, QueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        foreach (var message in messages)
        {
            ArgumentNullException.ThrowIfNull(message, nameof(messages));
            var size = message.Message.Payload.Length;
            if (size > options.MaxPayloadBytes)
            {
                throw new ArgumentException(
                    $"The payload of the message '{message.Message.Id}' has {size} bytes; it must have at most {options.MaxPayloadBytes}. "
                    + $"Publish a reference to the data instead, or raise {nameof(QueueOptions)}.{nameof(QueueOptions.MaxPayloadBytes)}.",
                    nameof(messages));
            }
        }
    }
}
