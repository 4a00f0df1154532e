namespace BuildRunner.Model.Queues;

/// <summary>Represents what a consumer holds, and whether its token is still that of the lease.</summary>
internal readonly record struct Hold(char Partition, char Id, bool IsValid);
