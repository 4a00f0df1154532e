namespace BuildRunner.Queue;

/// <summary>
/// Represents why and from where a message became a dead letter.
/// </summary>
/// <param name="Failure">The last failure.</param>
/// <param name="Attempts">How many attempts have failed since the message was published or postponed, the last included.</param>
/// <param name="Topic">The topic that the message was in.</param>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetterCause(Failure Failure, int Attempts, string Topic);
