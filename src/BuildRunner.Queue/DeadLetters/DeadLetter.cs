namespace BuildRunner.Queue;

/// <summary>
/// Represents a message in a dead-letter topic.
/// </summary>
/// <param name="Message">The message.</param>
/// <param name="PublishedAt">When the message was first published, by the clock of the engine.</param>
/// <param name="Cause">Why it is a dead letter, or <see langword="null"/> if it was published to the dead-letter topic by a program.</param>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetter(Message Message, DateTimeOffset PublishedAt, DeadLetterCause? Cause);
