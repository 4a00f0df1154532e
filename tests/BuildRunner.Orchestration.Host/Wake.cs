namespace BuildRunner.Orchestration.Soak;

/// <summary>A notification of an owner about a build.</summary>
internal sealed record Wake(Guid Id, long Version, BuildStatus Status);
