namespace BuildRunner.Queue.Rules;

/// <summary>Represents a locked partition with its messages that were read.</summary>
internal sealed class LockedPartition(PartitionRow row)
{
    public PartitionRow Row { get; } = row;

    /// <summary>Gets or sets the index of the settlement that ends the lease, or <see langword="null"/> if none does.</summary>
    public int? Settlement { get; set; }
    public MessageRow? Candidate { get; set; }
    public MessageRow? Current { get; set; }

    /// <summary>Gets or sets the first message besides the current one, if it was needed and exists.</summary>
    public MessageRow? Other { get; set; }
    public bool IsEmpty { get; set; }

    /// <summary>Gets the next message that the partition offers after <see cref="Release"/>.</summary>
    public MessageRow? Next { get; private set; }

    /// <summary>Gets the current message as its claim left it. A claim writes only the partition; its end writes the message.</summary>
    public MessageRow EndDelivery(bool isSettled)
    {
        var message = Current!;
        message.Deliveries++;
        message.IsBackingOff = false;
        message.IsUnsettled = !isSettled;
        message.IsQuarantined &= !isSettled;
        return message;
    }

    /// <summary>Ends the lease and finds the next message that the partition offers.</summary>
    /// <param name="remaining">The message that was leased, or <see langword="null"/> if it is gone.</param>
    /// <param name="staysCurrent">Whether it is offered before all others.</param>
    public void Release(MessageRow? remaining, bool staysCurrent)
    {
        Row.LeaseToken = null;
        Row.CurrentSequence = staysCurrent ? remaining!.Sequence : null;
        Next = staysCurrent ? remaining : First(remaining, Other);
        IsEmpty = Next is null;
        if (Next is not null)
        {
            Row.ReadyAt = Next.VisibleAfter;
            Row.IsQuarantined = Next.IsQuarantined;
        }
    }

    private static MessageRow? First(MessageRow? one, MessageRow? other) =>
        one is null || other is null ? one ?? other
        : (one.VisibleAfter, one.Sequence).CompareTo((other.VisibleAfter, other.Sequence)) < 0 ? one : other;
}
