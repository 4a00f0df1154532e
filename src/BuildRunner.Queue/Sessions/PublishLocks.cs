namespace BuildRunner.Queue.Sessions;

/// <summary>The identities to publish in one topic, each once.</summary>
internal sealed record TopicKeys(string Topic, IReadOnlyList<MessageKey> Keys)
{
    /// <summary>Gets the keys of the partitions, each once.</summary>
    public IEnumerable<string> PartitionKeys => Keys.Select(static key => key.PartitionKey).Distinct(StringComparer.Ordinal);
}

/// <summary>What a publish has locked and found.</summary>
/// <param name="Written">How many rows the write of the store has written; 0 where there was none.</param>
/// <param name="Topics">What is locked and was found in each topic, in the order in which they were asked for. None where the store has
/// written nothing and the rest was left out.</param>
/// <param name="Clock">The clock, read after everything was locked; the default where nothing is locked.</param>
internal sealed record PublishLocks(int Written, IReadOnlyList<TopicLocks> Topics, QueueClock Clock);

/// <summary>The partitions of all keys, some of them created with <see cref="PartitionRow.NeverReady"/>, and the messages that exist,
/// without their content.</summary>
internal sealed record TopicLocks(IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<MessageRow> Messages);
