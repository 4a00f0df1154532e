namespace BuildRunner.Testing;

/// <summary>
/// Represents one call of <see cref="FakeBuildRunner.TriggerAsync"/>, for assertions.
/// </summary>
/// <param name="Request">What was asked for.</param>
/// <param name="BuildId">The build that was created or found, also where the caller did not learn of it; <see langword="null"/> if there is none.</param>
public sealed record FakeTrigger(BuildRequest Request, BuildId? BuildId);
