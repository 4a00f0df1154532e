namespace BuildRunner.Queue.Sessions;

/// <summary>What a round has locked. Where a partition is both among those that were named and among those that are ready, it is the same
/// object or a copy; the first counts.</summary>
internal sealed record RoundLocks
{
    /// <summary>Gets the partitions that were named, without those that do not exist and those that another transaction has
    /// locked.</summary>
    public required IReadOnlyList<PartitionRow> Named { get; init; }

    /// <summary>Gets the leases of the partitions that were named and that another transaction has locked, by partition key. Read only so
    /// that what is stale is not taken for busy.</summary>
    public required IReadOnlyDictionary<string, long?> Busy { get; init; }

    /// <summary>Gets the partitions that are ready and not quarantined, the first ready first.</summary>
    public required IReadOnlyList<PartitionRow> Ready { get; init; }

    /// <summary>Gets the partitions that are ready and quarantined, the first ready first.</summary>
    public required IReadOnlyList<PartitionRow> ReadyQuarantined { get; init; }

    /// <summary>Gets the clock, read after all this was locked.</summary>
    public required QueueClock Clock { get; init; }

    /// <summary>Gets all that is locked.</summary>
    public IEnumerable<PartitionRow> All => Named.Concat(Ready).Concat(ReadyQuarantined);
}
