namespace BuildRunner.Queue.Sessions;

/// <summary>Represents the writes of a transaction. All rows are locked, each is in one list at most, and only the documented order
/// matters. Not safe for use by several threads.</summary>
internal sealed class QueueChanges
{
    /// <summary>Gets messages to delete before all other writes, because others take their identities.</summary>
    public List<long> Replaced { get; } = [];

    /// <summary>Gets rows to copy, before their sources are changed or deleted.</summary>
    public List<MessageCopy> Copies { get; } = [];
    public List<MessageRow> Updates { get; } = [];
    public List<long> Deletes { get; } = [];

    /// <summary>Gets messages to insert, in the order of their sequence.</summary>
    public List<MessageInsert> Inserts { get; } = [];

    public List<(string Topic, PartitionRow Partition)> Partitions { get; } = [];

    public List<(string Topic, string Key)> EmptyPartitions { get; } = [];

    /// <summary>Gets the wakes for consumers, also in other processes, after the commit.</summary>
    public List<QueueWake> Wakes { get; } = [];
}

/// <summary>Represents a message to insert with the key and the content of another row, as it was before any change.</summary>
internal sealed record MessageCopy(long Sequence, string Topic, long VisibleAfter, long PublishedAt, DeadLetterCause? Cause);

internal sealed record MessageInsert(string Topic, Message Message, long VisibleAfter, long PublishedAt);

/// <summary>Represents the fact that a topic has something to claim after a time.</summary>
internal sealed record QueueWake(string Topic, TimeSpan After);
