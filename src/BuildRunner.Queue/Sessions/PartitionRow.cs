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

    /// <summary>Gets or sets the lease, or <see langword="null"/> if the partition is not leased.</summary>
    public long? LeaseToken { get; set; }

    /// <summary>Gets or sets a value indicating whether the next message of the partition is quarantined.</summary>
    public bool IsQuarantined { get; set; }

    public bool HasExpired(QueueClock clock) => LeaseToken is not null && ReadyAt <= clock.Floor;

    /// <summary>Updates the current message with the newer values of the partition.</summary>
    public void Complete(MessageRow current)
    {
        current.VisibleAfter = PostponedTo ?? current.VisibleAfter;
        current.Deliveries += Postpones;
    }

    public PartitionRow Copy() => (PartitionRow)MemberwiseClone();
}
