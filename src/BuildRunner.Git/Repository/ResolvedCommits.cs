namespace BuildRunner.Git.Repository;

/// <summary>Represents resolved names of commits.</summary>
/// <param name="Target">The commit of the target.</param>
/// <param name="Missing">The ids that do not name commits.</param>
internal sealed record ResolvedCommits(string Target, IReadOnlySet<string> Missing);
