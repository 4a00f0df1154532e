namespace BuildRunner.Queue.Sessions;

/// <summary>Represents the locks of a round. If a partition is both named and ready, possibly as a copy, the named one counts.</summary>
internal sealed record RoundLocks
{
    /// <summary>Gets the named partitions, without missing ones and those locked by another transaction.</summary>
    public required IReadOnlyList<PartitionRow> Named { get; init; }

    /// <summary>Gets the leases of named partitions locked by another transaction, by key. They tell stale leases from busy ones.</summary>
    public required IReadOnlyDictionary<string, long?> Busy { get; init; }
    public required IReadOnlyList<PartitionRow> Ready { get; init; }

    /// <summary>Gets the ready quarantined partitions, the first ready first.</summary>
    public required IReadOnlyList<PartitionRow> ReadyQuarantined { get; init; }
    public required QueueClock Clock { get; init; }

    public IEnumerable<PartitionRow> All => Named.Concat(Ready).Concat(ReadyQuarantined);
}

/// <summary>Represents the identities to publish in one topic, each once.</summary>
internal sealed record TopicKeys(string Topic, IReadOnlyList<MessageKey> Keys)
{
    /// <summary>Gets a value indicating whether the partitions are mostly new, so that it is in vain to look for each message.</summary>
    public bool AreNew { get; init; }

    /// <summary>Gets the keys of the partitions, each once.</summary>
    public IReadOnlyList<string> PartitionKeys =>
        Keys is [var only] ? [only.PartitionKey] : [.. Keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal)];
}

/// <summary>Represents the number of rows written by each write of a store, the locks and messages of each topic, both in the requested
/// order, and the clock, read after all locks were taken.</summary>
internal sealed record PublishLocks(IReadOnlyList<int> Written, IReadOnlyList<TopicLocks> Topics, QueueClock Clock)
{
    /// <summary>Gets what is locked if all partitions are new. The clock shows zero, so all times are relative.</summary>
    public static PublishLocks OfNew(IReadOnlyList<TopicKeys> topics) =>
        new([], [.. topics.Select(static topic => new TopicLocks(RowsOf(topic), []))], default);

    private static PartitionRow[] RowsOf(TopicKeys topic) => [.. topic.PartitionKeys.Select(static key => new PartitionRow(key))];
}

/// <summary>Represents all partitions, created with <see cref="PartitionRow.NeverReady"/> if missing, and the existing messages.</summary>
internal sealed record TopicLocks(IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<MessageRow> Messages);

/// <summary>Represents a reading of the database's clock, made after the rows that it decides about were locked.</summary>
/// <param name="Microseconds">The microseconds since 1970 in UTC. A coarser clock rounds up in the millisecond: nothing is early.</param>
internal readonly record struct QueueClock(long Microseconds)
{
    /// <summary>Gets the full milliseconds since 1970. A message is due if its <c>visible_after</c> is at most this.</summary>
    public long Floor => Microseconds / 1000;

    /// <summary>Gets the time after a delay in milliseconds since 1970, never too early. Zero or less means now, never the past: new
    /// messages must not overtake overdue ones.</summary>
    /// <remarks>With a clock at zero, the result is relative: 0 means the other clock's <see cref="Floor"/>; more means that many
    /// milliseconds after its time, rounded up.</remarks>
    public long After(TimeSpan delay) =>
        delay <= TimeSpan.Zero ? Floor : ((Microseconds + 999) / 1000) + (long)Math.Ceiling(delay.TotalMilliseconds);
}
