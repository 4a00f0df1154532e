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
    public long? HeldSequence { get; set; }

    /// <summary>
    /// Gets or sets the lease, or <see langword="null"/> where the partition is not leased.
    /// </summary>
    public long? LeaseToken { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether what the partition offers next is quarantined.
    /// </summary>
    public bool IsQuarantined { get; set; }
}
