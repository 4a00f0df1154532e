namespace BuildRunner.Git.Repository;

/// <summary>What names of commits have come to.</summary>
/// <param name="Target">The commit that the target is.</param>
/// <param name="Missing">The ids that name no commit.</param>
internal sealed record ResolvedCommits(string Target, IReadOnlySet<string> Missing);
