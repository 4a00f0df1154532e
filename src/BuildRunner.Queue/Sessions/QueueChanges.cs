namespace BuildRunner.Queue.Sessions;

/// <summary>What a transaction writes. All rows are locked, none is in two of the lists, and nothing depends on an order but what is said
/// here. Not safe for use by several threads.</summary>
internal sealed class QueueChanges
{
    /// <summary>Gets messages to delete before anything else is done, because others take their identities.</summary>
    public List<long> Replaced { get; } = [];

    /// <summary>Gets rows to copy, before their sources are changed or deleted.</summary>
    public List<MessageCopy> Copies { get; } = [];

    /// <summary>Gets messages of which all but the content is written.</summary>
    public List<MessageRow> Updates { get; } = [];

    public List<long> Deletes { get; } = [];

    /// <summary>Gets messages to insert, in the order of their sequence.</summary>
    public List<MessageInsert> Inserts { get; } = [];

    public List<(string Topic, PartitionRow Partition)> Partitions { get; } = [];

    /// <summary>Gets partitions to delete.</summary>
    public List<(string Topic, string Key)> EmptyPartitions { get; } = [];

    /// <summary>Gets what to tell those who wait, also in other processes, once the transaction is committed.</summary>
    public List<QueueWake> Wakes { get; } = [];

    public bool IsEmpty => Replaced.Count == 0 && Copies.Count == 0 && Updates.Count == 0 && Deletes.Count == 0
        && Inserts.Count == 0 && Partitions.Count == 0 && EmptyPartitions.Count == 0;
}

/// <summary>A message to insert with the key and the content of another row, as it was before it is changed or deleted.</summary>
internal sealed record MessageCopy(long Sequence, string Topic, long VisibleAfter, long PublishedAt, DeadLetterCause? Cause);

/// <summary>A message to insert.</summary>
internal sealed record MessageInsert(string Topic, Message Message, long VisibleAfter, long PublishedAt);

/// <summary>Says that a topic has something to claim after a time.</summary>
internal sealed record QueueWake(string Topic, TimeSpan After);
