namespace BuildRunner.Orchestration;

/// <summary>Represents the version that a document must have for a build to be saved, without being saved itself: 0 if there must be
/// none.</summary>
internal sealed record DocumentGuard(string Name, long Version);
