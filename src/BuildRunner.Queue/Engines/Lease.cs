namespace BuildRunner.Queue.Engines;

/// <summary>The right to settle the message that a partition has delivered. The token tells it from all other leases of the
/// partition.</summary>
internal sealed record Lease(string PartitionKey, long Token);

/// <summary>A message that a consumer has the lease of. If it is quarantined, the next expiry of its lease counts as a failure.</summary>
internal sealed record Claim(Lease Lease, Delivery Delivery, bool IsQuarantined);

/// <summary>The end of a lease by what becomes of its message.</summary>
internal sealed record Settlement(Lease Lease, Resolution Resolution);

/// <summary>A lease that has ended before its message was settled, as when the process of its holder died.</summary>
internal sealed record ExpiredLease(MessageKey Message, bool IsDeadLettered);

/// <summary>Specifies what has become of a settlement or of a renewal.</summary>
internal enum LeaseResult
{
    /// <summary>Not known.</summary>
    None,

    Applied,

    /// <summary>The lease has ended before: nothing is changed, now or ever.</summary>
    Stale,

    /// <summary>Another transaction has locked the partition: nothing is changed, and the next round should try again.</summary>
    Busy,
}
