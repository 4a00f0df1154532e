namespace BuildRunner.Queue.Sessions;

/// <summary>Which messages of a topic to read, in one round trip and by a later statement than the one that locked.</summary>
internal sealed record MessageQuery
{
    public required string Topic { get; init; }

    public IReadOnlyList<long> Sequences { get; init; } = [];

    public IReadOnlyList<long> SequencesWithContent { get; init; } = [];

    public IReadOnlyList<FirstMessage> Firsts { get; init; } = [];

    /// <summary>Gets partitions whose first messages to read with their content.</summary>
    public IReadOnlyList<string> FirstsWithContent { get; init; } = [];

    public IReadOnlyList<MessageKey> Keys { get; init; } = [];
}

/// <summary>Asks for the message of a partition that is first by due time and insertion, leaving one out.</summary>
internal sealed record FirstMessage(string PartitionKey, long? Without);

/// <summary>The answer to a <see cref="MessageQuery"/>, in any order, without what does not exist. A message that is asked for in two ways
/// is in the answer to each.</summary>
internal sealed record MessageResult
{
    public required IReadOnlyList<MessageRow> BySequence { get; init; }

    public required IReadOnlyList<MessageRow> Firsts { get; init; }

    public required IReadOnlyList<MessageRow> ByKey { get; init; }
}
