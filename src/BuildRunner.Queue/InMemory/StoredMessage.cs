namespace BuildRunner.Queue.InMemory;

/// <summary>A message and what happens to it. Changed under the lock of the engine alone.</summary>
internal sealed class StoredMessage(long sequence, Message message, long visibleAfter, long publishedAt)
{
    public long Sequence { get; } = sequence;

    public Message Message { get; } = message;

    /// <summary>Gets from when the message is visible. Set by the partition, which is sorted by it.</summary>
    public long VisibleAfter { get; internal set; } = visibleAfter;

    /// <summary>Gets or sets the earliest time for which the message was published again while it was leased.</summary>
    public long? WakeAt { get; set; }

    public bool IsBackingOff { get; set; }

    public int Failures { get; set; }

    public int Deliveries { get; set; }

    /// <summary>Gets or sets a value indicating whether a delivery has begun and has not been settled.</summary>
    public bool IsUnsettled { get; set; }

    public bool IsQuarantined { get; set; }

    public long PublishedAt { get; private set; } = publishedAt;

    public DeadLetterCause? Cause { get; init; }

    /// <summary>Makes it a message that has just been published again.</summary>
    public void Renew(long now)
    {
        WakeAt = null;
        Failures = 0;
        Deliveries = 0;
        IsUnsettled = false;
        IsBackingOff = false;
        IsQuarantined = false;
        PublishedAt = now;
    }
}
