using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Storage;

/// <summary>Represents a build as it was triggered. Written once, before its id is returned.</summary>
/// <param name="Request">The request.</param>
/// <param name="Target">The commit of the target at the trigger, so that every run builds the same.</param>
/// <param name="Changes">The commits of the request.</param>
/// <param name="Job">The work.</param>
/// <param name="TriggeredAt">The time of the trigger.</param>
internal sealed record BuildRecord(
    BuildRequest Request,
    string Target,
    IReadOnlyList<AppliedChange> Changes,
    BuildJob Job,
    DateTimeOffset TriggeredAt);
