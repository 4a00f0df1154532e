namespace BuildRunner.Queue.Sessions;

/// <summary>Represents a locked row of <c>queue_partitions</c>. Not safe for use by several threads.</summary>
internal sealed class PartitionRow(string key)
{
    /// <summary>The value of <see cref="ReadyAt"/> in a row that was created to be locked and has no message yet.</summary>
    public const long NeverReady = long.MaxValue;

    public string Key { get; } = key;

    /// <summary>Gets or sets the time of the next offer or, while leased, the end of the lease, in milliseconds since 1970.</summary>
    public long ReadyAt { get; set; } = NeverReady;

    /// <summary>Gets or sets the current message: leased, postponed or handed back. Nothing else is offered before it.</summary>
    public long? CurrentSequence
    {
        get;
        set
        {
            if (field != value)
            {
                (PostponedTo, Postpones) = (null, 0);
            }

            field = value;
        }
    }

    /// <summary>Gets or sets the time at which the current message is visible, or <see langword="null"/> if its own row has it. A postpone
    /// that changes nothing else of the message writes only the partition, which the next claim writes anyway.</summary>
    public long? PostponedTo { get; set; }

    /// <summary>Gets or sets the number of postpones of the current message that are not in its row.</summary>
    public int Postpones { get; set; }
    public long? LeaseToken { get; set; }

    /// <summary>Gets or sets a value indicating whether the next message of the partition is quarantined.</summary>
    public bool IsQuarantined { get; set; }

    /// <summary>Gets or sets a value indicating whether a publish changed the row since it was read.</summary>
    public bool IsChanged { get; set; }

    public bool HasExpired(QueueClock clock) => LeaseToken is not null && ReadyAt <= clock.Floor;

    /// <summary>Updates the current message with the newer values of the partition.</summary>
    public void Complete(MessageRow current)
    {
        current.VisibleAfter = PostponedTo ?? current.VisibleAfter;
        current.Deliveries += Postpones;
    }

    public PartitionRow Copy()
    {
        var copy = (PartitionRow)MemberwiseClone();
        copy.IsChanged = false;
        return copy;
    }
}

/// <summary>Represents a row of <c>queue_messages</c> in a locked partition. Times are milliseconds since 1970. Not thread-safe.</summary>
internal class MessageRow(long sequence, string partitionKey, string id)
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
    public MessageContent? Content { get; init; }

    public MessageKey Key => new(PartitionKey, Id);

    public MessageRow Copy() => (MessageRow)MemberwiseClone();
}

/// <summary>Represents the part of a message that never changes.</summary>
/// <param name="Message">The message, or <see langword="null"/> if the row was written by hand and is not valid.</param>
/// <param name="Cause">The cause if the message is a dead letter; otherwise, <see langword="null"/>.</param>
internal sealed record MessageContent(Message? Message, DeadLetterCause? Cause);
