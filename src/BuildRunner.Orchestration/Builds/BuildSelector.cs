namespace BuildRunner.Orchestration;

/// <summary>Represents a choice of builds of one owner, by exactly one of its properties.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildSelector
{
    /// <summary>Gets the <see cref="Build.Key"/> of a build, or <see langword="null"/>.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the <see cref="Build.Tag"/> of builds, or <see langword="null"/>. The 1000 newest that have not ended are
    /// chosen.</summary>
    public string? Tag { get; init; }
}
