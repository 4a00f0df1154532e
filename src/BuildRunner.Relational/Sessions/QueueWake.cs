namespace BuildRunner.Relational;

/// <summary>
/// Represents that a topic has got something to claim.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="After">After which time.</param>
internal sealed record QueueWake(string Topic, TimeSpan After);
