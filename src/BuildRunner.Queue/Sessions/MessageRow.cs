namespace BuildRunner.Queue.Sessions;

/// <summary>Represents a row of <c>queue_messages</c> in a locked partition. Times are milliseconds since 1970. Not thread-safe.</summary>
internal sealed class MessageRow(long sequence, string partitionKey, string id)
{
    /// <summary>Gets the insertion order of the row, from 1.</summary>
    public long Sequence { get; } = sequence;

    public string PartitionKey { get; } = partitionKey;

    public string Id { get; } = id;

    public long VisibleAfter { get; set; }

    /// <summary>Gets the value of <see cref="VisibleAfter"/> when the row was read, or <see langword="null"/> if unknown. A session can
    /// skip the column and its index if it has not changed.</summary>
    public long? StoredVisibleAfter { get; init; }

    /// <summary>Gets or sets the earliest time requested by a publish while the message was leased.</summary>
    public long? WakeAt { get; set; }

    /// <summary>Gets or sets a value indicating whether the message waits after a failure, so duplicates do not hasten it. Unused while
    /// leased.</summary>
    public bool IsBackingOff { get; set; }

    /// <summary>Gets or sets the number of failures since the message was published or postponed.</summary>
    public int Failures { get; set; }

    /// <summary>Gets or sets the number of claims of the message with leases that have ended.</summary>
    public int Deliveries { get; set; }

    /// <summary>Gets or sets a value indicating whether a lease of the message has expired and none was settled since.</summary>
    public bool IsQuarantined { get; set; }

    /// <summary>Gets or sets a value indicating whether the last lease ended without a settlement.</summary>
    public bool IsUnsettled { get; set; }

    public long PublishedAt { get; set; }

    /// <summary>Gets the content, or <see langword="null"/> if it was not requested.</summary>
    public MessageContent? Content { get; init; }

    public MessageKey Key => new() { PartitionKey = PartitionKey, Id = Id };

    public MessageRow Copy() => (MessageRow)MemberwiseClone();
}

/// <summary>Represents the part of a message that never changes.</summary>
/// <param name="Message">The message, or <see langword="null"/> if the row was written by hand and is not valid.</param>
/// <param name="Cause">The cause if the message is a dead letter; otherwise, <see langword="null"/>.</param>
internal sealed record MessageContent(Message? Message, DeadLetterCause? Cause);
