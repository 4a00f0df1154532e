namespace BuildRunner.Orchestration;

/// <summary>
/// Represents what a store knows of a build at one moment of its clock.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
internal sealed record BuildReading
{
    /// <summary>
    /// Gets the build, or <see langword="null"/> if there is none.
    /// </summary>
    public Build? Build { get; init; }

    /// <summary>
    /// Gets the time of the store, in whole milliseconds. It is read with the build or after it.
    /// </summary>
    public required DateTimeOffset Now { get; init; }
}
