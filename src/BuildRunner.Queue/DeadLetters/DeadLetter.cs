namespace BuildRunner.Queue;

/// <summary>Represents a message in a dead-letter topic.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetter
{
    /// <summary>Initializes a new instance of the <see cref="DeadLetter"/> class.</summary>
    /// <param name="message">The message.</param>
    /// <param name="publishedAt">The time at which the message was first published.</param>
    /// <param name="cause">The cause, or <see langword="null"/> if a program published the message to the dead-letter topic.</param>
    public DeadLetter(Message message, DateTimeOffset publishedAt, DeadLetterCause? cause) =>
        (Message, PublishedAt, Cause) = (message, publishedAt, cause);

    /// <summary>Gets the message.</summary>
    public Message Message { get; }

    /// <summary>Gets the time at which the message was first published, by the engine's clock.</summary>
    public DateTimeOffset PublishedAt { get; }

    /// <summary>Gets the cause, or <see langword="null"/> if a program published the message to the dead-letter topic.</summary>
    public DeadLetterCause? Cause { get; }
}
