namespace BuildRunner.Orchestration;

/// <summary>Represents a new build, with the version 1, and the messages to publish with it.</summary>
internal sealed record BuildCreate(Build Build, IReadOnlyList<OutgoingMessage> Messages);
