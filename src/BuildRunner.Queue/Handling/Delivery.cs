namespace BuildRunner.Queue;

/// <summary>Represents one delivery of a message to its handler.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record Delivery
{
    /// <summary>Gets the message.</summary>
    public required Message Message { get; init; }

    /// <summary>Gets the topic of the message.</summary>
    public required string Topic { get; init; }

    /// <summary>Gets the number of this attempt: 1, plus 1 for each failure since the message was published or postponed.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Gets the number of deliveries of the message, including this one, whatever their outcome.</summary>
    public int Deliveries { get; init; } = 1;

    /// <summary>Gets a value indicating whether the previous delivery may have been cut off half-way, or was handed back
    /// unstarted.</summary>
    public bool Redelivered { get; init; }

    /// <summary>Gets the time at which the message was first published, by the engine's clock.</summary>
    public DateTimeOffset PublishedAt { get; init; }

    /// <summary>Gets the time at which the message became due, by the engine's clock: its publish, or the end of its delay, postponement or
    /// pause.</summary>
    public DateTimeOffset DueAt { get; init; }

    /// <summary>Gets the cause if the message is a dead letter; otherwise, <see langword="null"/>.</summary>
    public DeadLetterCause? DeadLetterCause { get; init; }
}
