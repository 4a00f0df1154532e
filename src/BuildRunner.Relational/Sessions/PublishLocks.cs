namespace BuildRunner.Relational;

/// <summary>
/// Represents what a publish has locked and found.
/// </summary>
/// <param name="Written">How many rows each of the statements before it has written.</param>
/// <param name="Topics">What is locked and was found in each topic, in the order in which they were asked for.</param>
/// <param name="Clock">The clock, read after everything was locked.</param>
internal sealed record PublishLocks(IReadOnlyList<int> Written, IReadOnlyList<TopicLocks> Topics, QueueClock Clock);
