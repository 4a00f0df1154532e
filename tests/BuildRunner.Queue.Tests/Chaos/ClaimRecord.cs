using BuildRunner.Queue.Host;

namespace BuildRunner.Queue.Tests.Chaos;

/// <summary>A delivery, and what its process has tried to make of it.</summary>
internal sealed record ClaimRecord(Entry.Claimed Claimed, long BeganAt, long At, int Process)
{
    private static readonly long Lease = (long)Host.Chaos.LeaseDuration.TotalMicroseconds;

    public List<SettlementRecord> Settlements { get; } = [];

    /// <summary>Gets settlements that were sent after the end of the lease.</summary>
    public List<SettlementRecord> Repeated { get; } = [];

    public Incarnation Message => Claimed.Message;

    /// <summary>Gets until when nobody else can have the partition, if it is not settled.</summary>
    public long LeasedUntil => BeganAt + Lease;

    public SettlementRecord? Applied => Settlements.Find(static settlement => settlement.Result == LeaseResult.Applied);

    /// <summary>Says whether nothing had been done about it at a time.</summary>
    public bool IsUnsettledAt(long time) => Settlements.TrueForAll(settlement => settlement.BeganAt > time);

    public override string ToString() => $"{Message} delivery {Claimed.Deliveries} attempt {Claimed.Attempt} at {BeganAt}-{At} by {Process} [{string.Join("; ", Settlements)}]";
}
