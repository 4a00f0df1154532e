namespace BuildRunner.Testing;

/// <summary>Represents the time that a fake build spends in one status.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record FakeBuildStep
{
    /// <summary>Initializes a new instance of the <see cref="FakeBuildStep"/> class.</summary>
    /// <param name="status">The status. Must not be terminal.</param>
    /// <param name="duration">The duration: zero or more, or <see cref="Timeout.InfiniteTimeSpan"/>.</param>
    public FakeBuildStep(BuildStatus status, TimeSpan duration) => (Status, Duration) = (status, duration);

    /// <summary>Gets the status. It is not terminal.</summary>
    public BuildStatus Status { get; }

    /// <summary>Gets the duration: zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> to stay in the status until the build is
    /// cancelled.</summary>
    public TimeSpan Duration { get; }

    /// <summary>Gets the value of <see cref="BuildMetadataKeys.NativeState"/> during the step, or <see langword="null"/> (the default) for
    /// none.</summary>
    public string? NativeState { get; init; }
}
