namespace BuildRunner.Queue;

/// <summary>
/// Represents one delivery of a message to its handler.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record Delivery
{
    /// <summary>
    /// Gets the message.
    /// </summary>
    public required Message Message { get; init; }

    /// <summary>
    /// Gets the topic that it was delivered from.
    /// </summary>
    public required string Topic { get; init; }

    /// <summary>
    /// Gets which attempt this is: 1, and one more for each failure since the message was published or postponed.
    /// </summary>
    public int Attempt { get; init; } = 1;

    /// <summary>
    /// Gets how often the message has been delivered, this delivery included, whatever became of it.
    /// </summary>
    public int Deliveries { get; init; } = 1;

    /// <summary>
    /// Gets a value indicating whether the delivery before may have been cut off, so that part of the work may be done. Also where it was handed back without having been started.
    /// </summary>
    public bool Redelivered { get; init; }

    /// <summary>
    /// Gets when the message was first published, by the clock of the engine.
    /// </summary>
    public DateTimeOffset PublishedAt { get; init; }

    /// <summary>
    /// Gets since when the message could have been delivered, by the clock of the engine: when it was published, or when its delay, its postponement or its pause was over.
    /// </summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>
    /// Gets why the message is a dead letter, or <see langword="null"/> if it is none.
    /// </summary>
    public DeadLetterCause? DeadLetterCause { get; init; }
}
