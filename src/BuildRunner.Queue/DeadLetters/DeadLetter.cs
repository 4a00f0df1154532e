namespace BuildRunner.Queue;

/// <summary>
/// Represents a message in a dead-letter topic.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetter
{
    /// <summary>
    /// Initializes a new instance of the <see cref="DeadLetter"/> class.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="publishedAt">When the message was first published.</param>
    /// <param name="cause">Why it is a dead letter, or <see langword="null"/> if a program published it to the dead-letter topic.</param>
    public DeadLetter(Message message, DateTimeOffset publishedAt, DeadLetterCause? cause) =>
        (Message, PublishedAt, Cause) = (message, publishedAt, cause);

    /// <summary>
    /// Gets the message.
    /// </summary>
    public Message Message { get; }

    /// <summary>
    /// Gets when the message was first published, by the clock of the engine.
    /// </summary>
    public DateTimeOffset PublishedAt { get; }

    /// <summary>
    /// Gets why it is a dead letter, or <see langword="null"/> if a program published it to the dead-letter topic.
    /// </summary>
    public DeadLetterCause? Cause { get; }
}
