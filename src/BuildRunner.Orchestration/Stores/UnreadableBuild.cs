namespace BuildRunner.Orchestration;

/// <summary>Represents a build that cannot be read: somebody has changed its row by hand.</summary>
/// <param name="Id">The id, or null if it is none.</param>
/// <param name="Key">The key.</param>
/// <param name="Failure">Why it cannot be read.</param>
internal sealed record UnreadableBuild(Guid? Id, string Key, Exception Failure);
