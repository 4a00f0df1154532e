namespace BuildRunner.Orchestration.Soak;

/// <summary>What an owner was told of a build.</summary>
internal sealed record Wake(Guid Id, long Version, BuildStatus Status);
