namespace BuildRunner.Queue.Sessions;

/// <summary>Represents the messages of a topic to read, in one round trip and by a later statement than the lock.</summary>
internal sealed record MessageQuery
{
    public required string Topic { get; init; }
    public IReadOnlyList<long> Sequences { get; init; } = [];
    public IReadOnlyList<long> SequencesWithContent { get; init; } = [];
    public IReadOnlyList<FirstMessage> Firsts { get; init; } = [];

    /// <summary>Gets the partitions to read the first message of, with its content.</summary>
    public IReadOnlyList<string> FirstsWithContent { get; init; } = [];
    public IReadOnlyList<MessageKey> Keys { get; init; } = [];
}

/// <summary>Requests the first message of a partition by due time and insertion, skipping one.</summary>
internal sealed record FirstMessage(string PartitionKey, long? Without);

/// <summary>Represents the result of a <see cref="MessageQuery"/>, in any order, without missing messages. Lists may overlap.</summary>
internal sealed record MessageResult
{
    public required IReadOnlyList<MessageRow> BySequence { get; init; }
    public required IReadOnlyList<MessageRow> Firsts { get; init; }
    public required IReadOnlyList<MessageRow> ByKey { get; init; }
}
