namespace BuildRunner.Relational;

/// <summary>
/// Represents what a publish has locked and found in one topic.
/// </summary>
/// <param name="Partitions">The partitions of all keys; those that there were not have been made, with <see cref="PartitionRow.NeverReady"/>.</param>
/// <param name="Messages">The messages that there are of the keys, without their content.</param>
internal sealed record TopicLocks(IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<MessageRow> Messages);
