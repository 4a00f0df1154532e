namespace BuildRunner.Queue;

/// <summary>
/// Represents some of the dead letters of a topic.
/// </summary>
/// <remarks>Immutable.</remarks>
public sealed class DeadLetterPage
{
    /// <summary>
    /// Gets the dead letters, by partition key and id.
    /// </summary>
    public required IReadOnlyList<DeadLetter> Letters { get; init; }

    /// <summary>
    /// Gets after which message the next page begins, or <see langword="null"/> where this was the last.
    /// </summary>
    public MessageKey? Next { get; init; }
}
