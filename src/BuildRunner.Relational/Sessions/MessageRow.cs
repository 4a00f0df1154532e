namespace BuildRunner.Relational;

/// <summary>
/// Represents a row of <c>queue_messages</c> whose partition is locked.
/// </summary>
/// <param name="sequence">The order in which the rows were inserted.</param>
/// <param name="partitionKey">The partition key.</param>
/// <param name="id">The id of the message.</param>
/// <remarks>Not safe for use by several threads.</remarks>
internal sealed class MessageRow(long sequence, string partitionKey, string id)
{
    /// <summary>
    /// Gets the order in which the rows were inserted.
    /// </summary>
    public long Sequence { get; } = sequence;

    /// <summary>
    /// Gets the partition key.
    /// </summary>
    public string PartitionKey { get; } = partitionKey;

    /// <summary>
    /// Gets the id of the message.
    /// </summary>
    public string Id { get; } = id;

    /// <summary>
    /// Gets or sets from when the message is visible, in milliseconds since 1970, as all times here.
    /// </summary>
    public long VisibleAfter { get; set; }

    /// <summary>
    /// Gets what <see cref="VisibleAfter"/> was when the row was read, or <see langword="null"/> where that is not known. A dialect can leave the column alone, and the index on it, where it has not changed.
    /// </summary>
    public long? StoredVisibleAfter { get; init; }

    /// <summary>
    /// Gets or sets the earliest time for which the message was published again while it was leased.
    /// </summary>
    public long? WakeAt { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the message waits after a failure, so that a duplicate does not hasten it. Without meaning while it is leased.
    /// </summary>
    public bool IsBackingOff { get; set; }

    /// <summary>
    /// Gets or sets the failures since the message was published or postponed.
    /// </summary>
    public int Failures { get; set; }

    /// <summary>
    /// Gets or sets how often the message was claimed, a lease that lasts not included.
    /// </summary>
    public int Deliveries { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether a lease of the message has expired.
    /// </summary>
    public bool IsQuarantined { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether the last lease has ended without a settlement.
    /// </summary>
    public bool IsUnsettled { get; set; }

    /// <summary>
    /// Gets or sets when the message was published.
    /// </summary>
    public long PublishedAt { get; set; }

    /// <summary>
    /// Gets what the message carries, or <see langword="null"/> where it was not asked for.
    /// </summary>
    public MessageContent? Content { get; init; }
}
