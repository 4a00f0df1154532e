namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents what an engine has done in a round.
/// </summary>
/// <remarks>Immutable.</remarks>
internal sealed record QueueRoundResult
{
    /// <summary>
    /// Gets what has become of each settlement, in their order.
    /// </summary>
    public required IReadOnlyList<LeaseResult> Settlements { get; init; }

    /// <summary>
    /// Gets what has become of each renewal, in their order.
    /// </summary>
    public required IReadOnlyList<LeaseResult> Renewals { get; init; }

    /// <summary>
    /// Gets what was claimed.
    /// </summary>
    public required IReadOnlyList<Claim> Claims { get; init; }

    /// <summary>
    /// Gets the leases, of whichever holder, that were found to have expired.
    /// </summary>
    public IReadOnlyList<ExpiredLease> ExpiredLeases { get; init; } = [];

    /// <summary>
    /// Gets how long the round waited at least, for a lock, a connection or its turn, before its new and renewed leases began. The default is zero, which is always safe.
    /// </summary>
    public TimeSpan Waited { get; init; }

    /// <summary>
    /// Gets the messages whose earlier dead letter, of the same identity, was replaced by a new one.
    /// </summary>
    public IReadOnlyList<MessageKey> Replaced { get; init; } = [];

    /// <summary>
    /// Gets after which time something that could be claimed becomes due, or <see langword="null"/> where nothing is known to. It may be too early, never too late. Zero or less where <see cref="IsMore"/> is set.
    /// </summary>
    public TimeSpan? NextDueIn { get; init; }

    /// <summary>
    /// Gets a value indicating whether something is due that was not claimed, because the limit was reached or because another transaction has locked it.
    /// </summary>
    public bool IsMore { get; init; }
}
