namespace BuildRunner.Relational;

/// <summary>
/// Represents what a transaction writes. All rows are locked, none is in two of the lists, and nothing depends on an order but what is said here.
/// </summary>
/// <remarks>Not safe for use by several threads.</remarks>
internal sealed class QueueChanges
{
    /// <summary>
    /// Gets messages to delete before anything else is done, because others take their identities.
    /// </summary>
    public List<long> Replaced { get; } = [];

    /// <summary>
    /// Gets rows to copy, before their sources are changed or deleted.
    /// </summary>
    public List<MessageCopy> Copies { get; } = [];

    /// <summary>
    /// Gets messages to insert, in the order of their sequence.
    /// </summary>
    public List<MessageInsert> Inserts { get; } = [];

    /// <summary>
    /// Gets messages of which all but the content is written.
    /// </summary>
    public List<MessageRow> Updates { get; } = [];

    /// <summary>
    /// Gets messages to delete.
    /// </summary>
    public List<long> Deletes { get; } = [];

    /// <summary>
    /// Gets partitions that are written, by topic.
    /// </summary>
    public List<(string Topic, PartitionRow Partition)> Partitions { get; } = [];

    /// <summary>
    /// Gets partitions to delete, by topic.
    /// </summary>
    public List<(string Topic, string Key)> EmptyPartitions { get; } = [];

    /// <summary>
    /// Gets what to tell those who wait, also in other processes, once the transaction is committed.
    /// </summary>
    public List<QueueWake> Wakes { get; } = [];

    /// <summary>
    /// Gets a value indicating whether there is nothing to write.
    /// </summary>
    public bool IsEmpty => Replaced.Count == 0 && Copies.Count == 0 && Inserts.Count == 0 && Updates.Count == 0 && Deletes.Count == 0 && Partitions.Count == 0 && EmptyPartitions.Count == 0;
}
