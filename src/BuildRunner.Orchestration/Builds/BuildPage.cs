namespace BuildRunner.Orchestration;

/// <summary>
/// Represents some of the builds that were asked for, in the order of their ids, which is about that of their submissions.
/// </summary>
/// <remarks>Immutable. The order is that of the text of <see cref="Build.Id"/>, which begins with the millisecond of <see cref="Build.CreatedAt"/> and is random after it: of two builds of the same millisecond, either may come first. That time is read before the build is saved, so that one may turn up before others that were listed already; whoever has gone past its place does not see it on a later page.</remarks>
public sealed record BuildPage
{
    /// <summary>
    /// Gets the builds.
    /// </summary>
    public required IReadOnlyList<Build> Builds { get; init; }

    /// <summary>
    /// Gets what to pass as <see cref="BuildQuery.After"/> for the next page, or <see langword="null"/> if there surely is none. A next page may be empty.
    /// </summary>
    public Guid? Next { get; init; }
}
