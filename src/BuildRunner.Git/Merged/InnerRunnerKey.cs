namespace BuildRunner.Git.Merged;

/// <summary>Represents the service key of the decorated runner.</summary>
/// <param name="ServiceKey">The original key, or <see langword="null"/> if it had none.</param>
internal sealed record InnerRunnerKey(string? ServiceKey);
