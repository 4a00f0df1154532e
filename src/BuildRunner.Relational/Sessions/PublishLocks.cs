namespace BuildRunner.Relational;

/// <summary>
/// Represents what a publish has locked and found.
/// </summary>
/// <param name="Written">How many rows the statement before it has written; 0 where there was none.</param>
/// <param name="Topics">What is locked and was found in each topic, in the order in which they were asked for. None where the statement has written nothing and the rest was left out.</param>
/// <param name="Clock">The clock, read after everything was locked; the default where nothing is locked.</param>
internal sealed record PublishLocks(int Written, IReadOnlyList<TopicLocks> Topics, QueueClock Clock);
