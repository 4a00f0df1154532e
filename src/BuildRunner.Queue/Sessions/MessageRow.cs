namespace BuildRunner.Queue.Sessions;

/// <summary>A row of <c>queue_messages</c> whose partition is locked. Times are milliseconds since 1970. Not safe for use by several
/// threads.</summary>
internal sealed class MessageRow(long sequence, string partitionKey, string id)
{
    /// <summary>Gets the order in which the rows were inserted, from 1.</summary>
    public long Sequence { get; } = sequence;

    public string PartitionKey { get; } = partitionKey;

    public string Id { get; } = id;

    public long VisibleAfter { get; set; }

    /// <summary>Gets what <see cref="VisibleAfter"/> was when the row was read, or <see langword="null"/> where that is not known. A
    /// session can leave the column alone, and the index on it, where it has not changed.</summary>
    public long? StoredVisibleAfter { get; init; }

    /// <summary>Gets or sets the earliest time for which the message was published again while it was leased.</summary>
    public long? WakeAt { get; set; }

    /// <summary>Gets or sets a value indicating whether the message waits after a failure, so that a duplicate does not hasten it. Without
    /// meaning while it is leased.</summary>
    public bool IsBackingOff { get; set; }

    /// <summary>Gets or sets the failures since the message was published or postponed.</summary>
    public int Failures { get; set; }

    /// <summary>Gets or sets how often the message was claimed, without a lease that has not ended.</summary>
    public int Deliveries { get; set; }

    /// <summary>Gets or sets a value indicating whether a lease of the message has expired, and none was settled since.</summary>
    public bool IsQuarantined { get; set; }

    /// <summary>Gets or sets a value indicating whether the last lease has ended without a settlement.</summary>
    public bool IsUnsettled { get; set; }

    public long PublishedAt { get; set; }

    /// <summary>Gets the content, or <see langword="null"/> where it was not asked for.</summary>
    public MessageContent? Content { get; init; }

    public MessageKey Key => new() { PartitionKey = PartitionKey, Id = Id };

    public MessageRow Copy() => (MessageRow)MemberwiseClone();
}

/// <summary>What of a message never changes.</summary>
/// <param name="Message">The message, or <see langword="null"/> where a row was written by hand that no publish could have written.</param>
/// <param name="Cause">Why the message is a dead letter, or <see langword="null"/> if it is none.</param>
internal sealed record MessageContent(Message? Message, DeadLetterCause? Cause);
