namespace BuildRunner.Orchestration;

/// <summary>Represents a page of builds, in the order of the query.</summary>
/// <remarks><para>Immutable. Builds are ordered by the text of <see cref="Build.Id"/>, which begins with the millisecond of <see
/// cref="Build.CreatedAt"/> and continues at random. Builds of the same millisecond may come in any order.</para>
/// <para>A page begins at an id, not at a count, so builds submitted or deleted between two pages neither repeat nor hide others. With the
/// newest first, later builds are on none of the following pages. The time in an id is read before the build is saved, so a build saved
/// while you page may belong to an earlier page.</para></remarks>
public sealed class BuildPage
{
    /// <summary>Gets the builds.</summary>
    public required IReadOnlyList<Build> Builds { get; init; }

    /// <summary>Gets the <see cref="BuildQuery.After"/> of the next page, which may be empty, or <see langword="null"/> if this is the
    /// last.</summary>
    public Guid? Next { get; init; }
}
