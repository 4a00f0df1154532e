using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Storage;

/// <summary>What a build is: written once, before its id is told to anybody.</summary>
/// <param name="Request">What was asked for.</param>
/// <param name="Target">The commit that the target was at that time, so that a build that runs again builds the same.</param>
/// <param name="Changes">The commits of the request.</param>
/// <param name="Job">What is to be done.</param>
/// <param name="TriggeredAt">When.</param>
internal sealed record BuildRecord(BuildRequest Request, string Target, IReadOnlyList<AppliedChange> Changes, BuildJob Job, DateTimeOffset TriggeredAt);
