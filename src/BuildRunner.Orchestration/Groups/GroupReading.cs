namespace BuildRunner.Orchestration;

/// <summary>Represents a group at one time of the store's clock.</summary>
internal sealed record GroupReading(GroupState Group, BuildDocument Document, DateTimeOffset Now);
