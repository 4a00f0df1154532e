namespace BuildRunner.Relational;

/// <summary>
/// Represents what a publish has locked and found.
/// </summary>
/// <param name="Partitions">The partitions of all keys; those that there were not have been made, with <see cref="PartitionRow.NeverReady"/>.</param>
/// <param name="Messages">The messages that there are of the keys, without their content.</param>
/// <param name="Clock">The clock, read after the partitions were locked.</param>
public sealed record PublishLocks(IReadOnlyList<PartitionRow> Partitions, IReadOnlyList<MessageRow> Messages, QueueClock Clock);
