using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>A message that is to become a dead letter.</summary>
internal sealed record Burial(PartitionWork Work, MessageRow Message, Failure Failure);
