namespace BuildRunner.Model.Queues;

/// <summary>Represents a dead letter. It is new until the dead-letter consumer was offered it.</summary>
internal readonly record struct Letter(char Partition, char Id, bool IsLeased, bool IsNew);
