namespace BuildRunner.Queue.Sessions;

/// <summary>Represents the locks of a round. If a partition is both named and ready, possibly as a copy, the named one counts.</summary>
internal sealed record RoundLocks
{
    /// <summary>Gets the named partitions, without missing ones and those locked by another transaction.</summary>
    public required IReadOnlyList<PartitionRow> Named { get; init; }

    /// <summary>Gets the leases of named partitions locked by another transaction, by key. They tell stale leases from busy ones.</summary>
    public required IReadOnlyDictionary<string, long?> Busy { get; init; }

    /// <summary>Gets the ready ordinary partitions, the first ready first.</summary>
    public required IReadOnlyList<PartitionRow> Ready { get; init; }

    /// <summary>Gets the ready quarantined partitions, the first ready first.</summary>
    public required IReadOnlyList<PartitionRow> ReadyQuarantined { get; init; }

    /// <summary>Gets the clock, read after all locks were taken.</summary>
    public required QueueClock Clock { get; init; }

    /// <summary>Gets all locked partitions.</summary>
    public IEnumerable<PartitionRow> All => Named.Concat(Ready).Concat(ReadyQuarantined);
}
