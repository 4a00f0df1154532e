namespace BuildRunner.Queue.Engines;

/// <summary>Represents the right to settle the delivered message of a partition. The token is unique in the partition.</summary>
internal sealed record Lease(string PartitionKey, long Token);

/// <summary>Represents a leased message. If it is quarantined, the next expiry of its lease counts as a failure.</summary>
internal sealed record Claim(Lease Lease, Delivery Delivery, bool IsQuarantined);

internal sealed record Settlement(Lease Lease, Outcome Resolution);

/// <summary>Represents a lease that ended before its message was settled, for example because its process died.</summary>
internal sealed record ExpiredLease(MessageKey Message, bool IsDeadLettered);

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

/// <summary>Represents what a consumer of a topic asks of its engine in one transaction.</summary>
internal sealed record QueueRound
{
    public required string Topic { get; init; }
    public required RetryPolicy Policy { get; init; }
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>Gets the leases to settle. A partition is at most once in this list and <see cref="Renewals"/> together.</summary>
    public IReadOnlyList<Settlement> Settlements { get; init; } = [];

    /// <summary>Gets the leases to extend to <see cref="LeaseDuration"/> from now.</summary>
    public IReadOnlyList<Lease> Renewals { get; init; } = [];

    /// <summary>Gets the maximum number of ordinary messages to claim. If it is zero and <see cref="TakesQuarantined"/> is
    /// <see langword="false"/>, the engine need not look for expired leases.</summary>
    public int Limit { get; init; }

    /// <summary>Gets a value indicating whether to claim a quarantined message too. A consumer asks for one at a time.</summary>
    public bool TakesQuarantined { get; init; }
}

internal sealed record QueueRoundResult
{
    public required IReadOnlyList<LeaseResult> Settlements { get; init; }
    public required IReadOnlyList<LeaseResult> Renewals { get; init; }
    public required IReadOnlyList<Claim> Claims { get; init; }
    public IReadOnlyList<ExpiredLease> ExpiredLeases { get; init; } = [];

    /// <summary>Gets the minimum wait for a lock, a connection or a turn before the round's leases began. Zero is always safe.</summary>
    public TimeSpan Waited { get; init; }
    public IReadOnlyList<MessageKey> Replaced { get; init; } = [];

    /// <summary>Gets the time until something becomes due, or <see langword="null"/> if nothing is known. It may be too early, never too
    /// late. It is zero or less if <see cref="IsMore"/> is set.</summary>
    public TimeSpan? NextDueIn { get; init; }

    /// <summary>Gets a value indicating whether something due was not claimed, because of the limit or a lock.</summary>
    public bool IsMore { get; init; }
}
