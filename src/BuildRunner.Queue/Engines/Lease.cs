namespace BuildRunner.Queue.Engines;

/// <summary>
/// Represents the right to settle the message that a partition has delivered.
/// </summary>
/// <param name="PartitionKey">The partition.</param>
/// <param name="Token">What tells this lease from all others that the partition has had.</param>
/// <remarks>Immutable, compared by value.</remarks>
internal sealed record Lease(string PartitionKey, long Token);
