namespace BuildRunner.Relational;

/// <summary>A locked partition and what of it was read and is to be written.</summary>
internal sealed class PartitionWork(PartitionRow row)
{
    public PartitionRow Row { get; } = row;

    /// <summary>Gets or sets the message that the partition holds.</summary>
    public MessageRow? Held { get; set; }

    /// <summary>Gets or sets the first message beside the held one, where it was needed and there is one.</summary>
    public MessageRow? Other { get; set; }

    /// <summary>Gets or sets a value indicating whether the partition has no message any more.</summary>
    public bool IsEmpty { get; set; }

    /// <summary>Gets what the partition offers next, after <see cref="Release"/>.</summary>
    public MessageRow? Next { get; private set; }

    /// <summary>Ends the lease and finds out what the partition offers next.</summary>
    /// <param name="stays">The message that was leased, or <see langword="null"/> if it is gone.</param>
    /// <param name="holds">Whether that stays what the partition offers next.</param>
    public void Release(MessageRow? stays, bool holds)
    {
        Row.LeaseToken = null;
        Row.HeldSequence = holds ? stays!.Sequence : null;
        Next = holds ? stays : Earlier(stays, Other);
        IsEmpty = Next is null;
        if (Next is not null)
        {
            Row.ReadyAt = Next.VisibleAfter;
            Row.IsQuarantined = Next.IsQuarantined;
        }
    }

    public static MessageRow? Earlier(MessageRow? one, MessageRow? other)
    {
        if (one is null || other is null)
        {
            return one ?? other;
        }

        return (one.VisibleAfter, one.Sequence).CompareTo((other.VisibleAfter, other.Sequence)) < 0 ? one : other;
    }
}
