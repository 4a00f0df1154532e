namespace BuildRunner.Relational;

/// <summary>
/// Represents the question for the message of a partition that is first by due time and insertion.
/// </summary>
/// <param name="PartitionKey">The partition.</param>
/// <param name="Without">The message to leave out, or <see langword="null"/> for none.</param>
internal sealed record FirstMessage(string PartitionKey, long? Without);
