namespace BuildRunner.Queue;

/// <summary>Represents the reason that a message became a dead letter, and the topic it came from.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record DeadLetterCause
{
    /// <summary>Initializes a new instance of the <see cref="DeadLetterCause"/> class.</summary>
    /// <param name="failure">The last failure.</param>
    /// <param name="attempts">The number of failed attempts.</param>
    /// <param name="topic">The topic that the message was in.</param>
    public DeadLetterCause(Failure failure, int attempts, string topic) => (Failure, Attempts, Topic) = (failure, attempts, topic);

    /// <summary>Gets the last failure.</summary>
    public Failure Failure { get; }

    /// <summary>Gets the number of failed attempts since the message was published or postponed, including the last one.</summary>
    public int Attempts { get; }

    /// <summary>Gets the topic that the message was in.</summary>
    public string Topic { get; }
}
