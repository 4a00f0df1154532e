namespace BuildRunner.Testing;

/// <summary>
/// Represents a call of <see cref="FakeBuildRunner.TriggerAsync"/>, for assertions.
/// </summary>
/// <param name="Request">The request.</param>
/// <param name="BuildId">The build that was created or found, even if the caller did not learn of it, or <see langword="null"/> if there is
/// none.</param>
public sealed record FakeTrigger(BuildRequest Request, BuildId? BuildId);
