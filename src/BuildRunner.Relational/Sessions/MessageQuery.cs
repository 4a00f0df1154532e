using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>
/// Represents which messages of a topic to read, in one round trip and by a later statement than the one that locked.
/// </summary>
internal sealed record MessageQuery
{
    /// <summary>
    /// Gets the topic.
    /// </summary>
    public required string Topic { get; init; }

    /// <summary>
    /// Gets messages to read without their content.
    /// </summary>
    public IReadOnlyList<long> Sequences { get; init; } = [];

    /// <summary>
    /// Gets messages to read with their content.
    /// </summary>
    public IReadOnlyList<long> SequencesWithContent { get; init; } = [];

    /// <summary>
    /// Gets first messages to read without their content.
    /// </summary>
    public IReadOnlyList<FirstMessage> Firsts { get; init; } = [];

    /// <summary>
    /// Gets partitions whose first messages to read with their content.
    /// </summary>
    public IReadOnlyList<string> FirstsWithContent { get; init; } = [];

    /// <summary>
    /// Gets identities to read without their content.
    /// </summary>
    public IReadOnlyList<MessageKey> Keys { get; init; } = [];
}
