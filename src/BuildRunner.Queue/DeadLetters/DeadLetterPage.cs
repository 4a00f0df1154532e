namespace BuildRunner.Queue;

/// <summary>Represents a page of the dead letters of a topic.</summary>
/// <remarks>Immutable.</remarks>
public sealed class DeadLetterPage
{
    /// <summary>Gets the dead letters, ordered by partition key and id.</summary>
    public required IReadOnlyList<DeadLetter> Letters { get; init; }

    /// <summary>Gets the dead letters of this page that cannot be read, for example because someone changed their rows by hand. Purge
    /// them.</summary>
    public IReadOnlyList<MessageKey> Unreadable { get; init; } = [];

    /// <summary>Gets the message after which the next page begins, or <see langword="null"/> if this is the last page.</summary>
    public MessageKey? Next { get; init; }
}
