namespace BuildRunner.Queue.Engines;

/// <summary>Represents the right to settle the delivered message of a partition. The token is unique in the partition.</summary>
internal sealed record Lease(string PartitionKey, long Token);

/// <summary>Represents a leased message. If it is quarantined, the next expiry of its lease counts as a failure.</summary>
internal sealed record Claim(Lease Lease, Delivery Delivery, bool IsQuarantined);

/// <summary>Represents the end of a lease with the resolution of its message.</summary>
internal sealed record Settlement(Lease Lease, Resolution Resolution);

/// <summary>Represents a lease that ended before its message was settled, for example because its process died.</summary>
internal sealed record ExpiredLease(MessageKey Message, bool IsDeadLettered);

/// <summary>Specifies the result of a settlement or a renewal.</summary>
internal enum LeaseResult
{
    /// <summary>Not known.</summary>
    None,

    Applied,

    /// <summary>The lease had ended: nothing is changed, now or later.</summary>
    Stale,

    /// <summary>Another transaction has locked the partition: nothing is changed, and the next round should try again.</summary>
    Busy,
}
