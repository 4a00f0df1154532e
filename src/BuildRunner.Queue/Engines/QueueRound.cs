using BuildRunner.Queue.Rules;

namespace BuildRunner.Queue.Engines;

/// <summary>What a consumer of a topic tells its engine and asks from it in one transaction.</summary>
internal sealed record QueueRound
{
    public required string Topic { get; init; }

    /// <summary>Gets how failures are counted when a lease expires.</summary>
    public required RetryPolicy Policy { get; init; }

    /// <summary>Gets how long new and renewed leases last: more than zero.</summary>
    public required TimeSpan LeaseDuration { get; init; }

    /// <summary>Gets the leases that end. A partition is in here or in <see cref="Renewals"/> at most once.</summary>
    public IReadOnlyList<Settlement> Settlements { get; init; } = [];

    /// <summary>Gets the leases that are to last for another <see cref="LeaseDuration"/> from now.</summary>
    public IReadOnlyList<Lease> Renewals { get; init; } = [];

    /// <summary>Gets how many messages to claim, quarantined messages not included. With zero and without <see cref="TakesQuarantined"/>,
    /// expired leases need not be looked for.</summary>
    public int Limit { get; init; }

    /// <summary>Gets a value indicating whether to claim a quarantined message beside the others, which a consumer asks for while it has
    /// none.</summary>
    public bool TakesQuarantined { get; init; }
}

/// <summary>What an engine has done in a round.</summary>
internal sealed record QueueRoundResult
{
    /// <summary>Gets what has become of each settlement, in their order.</summary>
    public required IReadOnlyList<LeaseResult> Settlements { get; init; }

    /// <summary>Gets what has become of each renewal, in their order.</summary>
    public required IReadOnlyList<LeaseResult> Renewals { get; init; }

    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>Gets the leases, of whichever holder, that were found to have expired.</summary>
    public IReadOnlyList<ExpiredLease> ExpiredLeases { get; init; } = [];

    /// <summary>Gets how long the round waited at least, for a lock, a connection or its turn, before its new and renewed leases began.
    /// Zero is always safe.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>Gets the messages whose earlier dead letter was replaced by a new one.</summary>
    public IReadOnlyList<MessageKey> Replaced { get; init; } = [];

    /// <summary>Gets after which time something to claim becomes due, or <see langword="null"/> where nothing is known to. It may be too
    /// early, never too late. Zero or less where <see cref="IsMore"/> is set.</summary>
    public TimeSpan? NextDueIn { get; init; }

    /// <summary>Gets a value indicating whether something is due that was not claimed, because the limit was reached or because another
    /// transaction has locked it.</summary>
    public bool IsMore { get; init; }
}
