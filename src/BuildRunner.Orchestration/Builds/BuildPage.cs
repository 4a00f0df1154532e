namespace BuildRunner.Orchestration;

/// <summary>
/// Represents a page of builds, in the order that was asked for.
/// </summary>
/// <remarks>
/// <para>
/// Immutable. The order is that of the text of <see cref="Build.Id"/>, which begins with the millisecond of <see cref="Build.CreatedAt"/>
/// and is random after it. Two builds of the same millisecond may come in either order.
/// </para>
/// <para>
/// A page begins at an id and not at a count, so builds that are submitted or deleted between two pages neither repeat nor hide others.
/// Newest first, what is submitted later is on none of the following pages. The time in an id is read before the build is saved. A build
/// that is being saved while you page can therefore belong to a place that you have passed.
/// </para>
/// </remarks>
public sealed class BuildPage
{
    /// <summary>
    /// Gets the builds.
    /// </summary>
    public required IReadOnlyList<Build> Builds { get; init; }

    /// <summary>
    /// Gets the value to pass as <see cref="BuildQuery.After"/> for the next page, or <see langword="null"/> if this is the last. The next
    /// page may be empty.
    /// </summary>
    public Guid? Next { get; init; }
}
