namespace BuildRunner.Queue.Sessions;

/// <summary>A locked row of <c>queue_partitions</c>. Not safe for use by several threads.</summary>
internal sealed class PartitionRow(string key)
{
    /// <summary>What <see cref="ReadyAt"/> is in a row that was created to be locked and has no message yet.</summary>
    public const long NeverReady = long.MaxValue;

    public string Key { get; } = key;

    /// <summary>Gets or sets when the partition next has something to offer, in milliseconds since 1970; while it is leased, when the lease
    /// ends.</summary>
    public long ReadyAt { get; set; } = NeverReady;

    /// <summary>Gets or sets the current message: the one that is leased, postponed or handed back, so that nothing else is
    /// offered.</summary>
    public long? CurrentSequence { get; set; }

    /// <summary>Gets or sets the lease, or <see langword="null"/> where the partition is not leased.</summary>
    public long? LeaseToken { get; set; }

    /// <summary>Gets or sets a value indicating whether what the partition offers next is quarantined.</summary>
    public bool IsQuarantined { get; set; }

    public bool HasExpired(QueueClock clock) => LeaseToken is not null && ReadyAt <= clock.Floor;

    public PartitionRow Copy() => (PartitionRow)MemberwiseClone();
}
