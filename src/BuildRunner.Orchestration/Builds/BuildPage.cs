namespace BuildRunner.Orchestration;

/// <summary>
/// Represents some of the builds that were asked for, in the order in which they were submitted.
/// </summary>
/// <param name="Builds">The builds.</param>
/// <param name="Next">What to pass as <see cref="BuildQuery.After"/> for the next page, or <see langword="null"/> if there surely is none. A next page may be empty.</param>
/// <remarks>Immutable. The order is that of <see cref="Build.Id"/>: of builds that different processes submit in the same millisecond, either may come first.</remarks>
public sealed record BuildPage(IReadOnlyList<Build> Builds, Guid? Next);
