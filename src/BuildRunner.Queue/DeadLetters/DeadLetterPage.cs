namespace BuildRunner.Queue;

/// <summary>
/// Represents some of the dead letters of a topic.
/// </summary>
/// <param name="Letters">The dead letters, by partition key and id.</param>
/// <param name="Next">After which message the next page begins, or <see langword="null"/> where this was the last.</param>
/// <remarks>Immutable.</remarks>
public sealed record DeadLetterPage(IReadOnlyList<DeadLetter> Letters, MessageKey? Next);
