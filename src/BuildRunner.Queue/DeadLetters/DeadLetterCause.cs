namespace BuildRunner.Queue;

/// <summary>Represents the reason that a message became a dead letter, and the topic it came from.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetterCause
{
    /// <summary>Gets the last failure.</summary>
    public required Failure Failure { get; init; }

    /// <summary>Gets the number of failed attempts since the message was published or postponed, including the last one.</summary>
    public required int Attempts { get; init; }

    /// <summary>Gets the topic that the message was in.</summary>
    public required string Topic { get; init; }
}
