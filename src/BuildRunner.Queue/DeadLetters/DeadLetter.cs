namespace BuildRunner.Queue;

/// <summary>Represents a message in a dead-letter topic.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetter
{
    /// <summary>Gets the message.</summary>
    public required Message Message { get; init; }

    /// <summary>Gets the time at which the message was first published, by the engine's clock.</summary>
    public required DateTimeOffset PublishedAt { get; init; }

    /// <summary>Gets the cause, or <see langword="null"/> if a program published the message to the dead-letter topic.</summary>
    public DeadLetterCause? Cause { get; init; }
}
