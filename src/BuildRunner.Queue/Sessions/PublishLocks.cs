namespace BuildRunner.Queue.Sessions;

/// <summary>Represents the identities to publish in one topic, each once.</summary>
internal sealed record TopicKeys(string Topic, IReadOnlyList<MessageKey> Keys)
{
    /// <summary>Gets the keys of the partitions, each once.</summary>
    public IEnumerable<string> PartitionKeys => Keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal);
}

/// <summary>Represents the locks and messages of a publish.</summary>
/// <param name="Written">The number of rows written by each write of the store.</param>
/// <param name="Topics">The locks and messages of each topic, in the requested order.</param>
/// <param name="Clock">The clock, read after all locks were taken.</param>
internal sealed record PublishLocks(IReadOnlyList<int> Written, IReadOnlyList<TopicLocks> Topics, QueueClock Clock);

/// <summary>Represents all partitions, created with <see cref="PartitionRow.NeverReady"/> if missing, and the existing messages.</summary>
internal sealed record TopicLocks(IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<MessageRow> Messages);
