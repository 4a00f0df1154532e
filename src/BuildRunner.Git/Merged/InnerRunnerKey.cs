namespace BuildRunner.Git.Merged;

/// <summary>The key under which a runner is known from when it is decorated.</summary>
/// <param name="ServiceKey">The key that it had, or <see langword="null"/> for none.</param>
internal sealed record InnerRunnerKey(string? ServiceKey);
