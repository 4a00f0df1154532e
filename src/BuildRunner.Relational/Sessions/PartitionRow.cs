namespace BuildRunner.Relational;

/// <summary>
/// Represents a locked row of <c>queue_partitions</c>.
/// </summary>
/// <param name="key">The partition key.</param>
/// <remarks>Not safe for use by several threads.</remarks>
internal sealed class PartitionRow(string key)
{
    /// <summary>
    /// What <see cref="ReadyAt"/> is in a row that has been made to be locked and has no message yet.
    /// </summary>
    public const long NeverReady = long.MaxValue;

    /// <summary>
    /// Gets the partition key.
    /// </summary>
    public string Key { get; } = key;

    /// <summary>
    /// Gets or sets when the partition next has something to offer, in milliseconds since 1970; while it is leased, when the lease ends.
    /// </summary>
    public long ReadyAt { get; set; } = NeverReady;

    /// <summary>
    /// Gets or sets the message that is leased, postponed or handed back, or <see langword="null"/> where there is none.
    /// </summary>
    public long? HeldSequence
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

    /// <summary>
    /// Gets or sets when the held message is visible, or <see langword="null"/> where its own row says it.
    /// A postpone that changes nothing else of the message writes the partition alone, which the next claim writes anyway.
    /// </summary>
    public long? PostponedTo { get; set; }

    /// <summary>
    /// Gets or sets how often the held message was postponed without its row being written.
    /// </summary>
    public int Postpones { get; set; }

    /// <summary>
    /// Gets or sets the lease, or <see langword="null"/> where the partition is not leased.
    /// </summary>
    public long? LeaseToken { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether what the partition offers next is quarantined.
    /// </summary>
    public bool IsQuarantined { get; set; }

    /// <summary>
    /// Completes the held message, as its row says it, by what the partition knows better.
    /// </summary>
    /// <param name="held">The message, just read.</param>
    public void Complete(MessageRow held)
    {
        held.VisibleAfter = PostponedTo ?? held.VisibleAfter;
        held.Deliveries += Postpones;
    }
}
