using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>A locked partition, what of it was read and what is to be written.</summary>
internal sealed class LockedPartition(PartitionRow row)
{
    public PartitionRow Row { get; } = row;

    /// <summary>Gets or sets the current message.</summary>
    public MessageRow? Current { get; set; }

    /// <summary>Gets or sets the first message beside the current one, where it was needed and there is one.</summary>
    public MessageRow? Other { get; set; }

    /// <summary>Gets or sets a value indicating whether the partition has no message any more.</summary>
    public bool IsEmpty { get; set; }

    /// <summary>Gets what the partition offers next, after <see cref="Release"/>.</summary>
    public MessageRow? Next { get; private set; }

    /// <summary>Gets the current message as its claim made it. A claim writes the row of the partition alone, because the end of the lease
    /// writes that of the message anyway.</summary>
    public MessageRow EndDelivery(bool isSettled)
    {
        var message = Current!;
        message.Deliveries++;
        message.IsBackingOff = false;
        message.IsUnsettled = !isSettled;
        message.IsQuarantined &= !isSettled;
        return message;
    }

    /// <summary>Ends the lease and finds out what the partition offers next.</summary>
    /// <param name="remaining">The message that was leased, or <see langword="null"/> if it is gone.</param>
    /// <param name="staysCurrent">Whether nothing else is offered before it.</param>
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
