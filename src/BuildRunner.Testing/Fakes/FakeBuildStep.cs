namespace BuildRunner.Testing;

/// <summary>
/// Represents a time that a fake build spends in one status.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record FakeBuildStep
{
    /// <summary>
    /// Initializes a new instance of the <see cref="FakeBuildStep"/> class.
    /// </summary>
    /// <param name="status">The status. Not a terminal one.</param>
    /// <param name="duration">How long; zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for a build that stays there until it is
    /// cancelled.</param>
    public FakeBuildStep(BuildStatus status, TimeSpan duration) => (Status, Duration) = (status, duration);

    /// <summary>
    /// Gets the status. Not a terminal one.
    /// </summary>
    public BuildStatus Status { get; }

    /// <summary>
    /// Gets how long the build stays in the status: zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for one that stays there until
    /// it is cancelled.
    /// </summary>
    public TimeSpan Duration { get; }

    /// <summary>
    /// Gets what the backend calls the status, given under <see cref="BuildMetadataKeys.NativeState"/>, or <see langword="null"/> (the
    /// default) for nothing.
    /// </summary>
    public string? NativeState { get; init; }
}
