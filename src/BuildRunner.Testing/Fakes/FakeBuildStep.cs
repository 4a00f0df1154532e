namespace BuildRunner.Testing;

/// <summary>
/// Represents a time that a fake build spends in one status.
/// </summary>
/// <param name="Status">The status. Not a terminal one.</param>
/// <param name="Duration">How long; zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for a build that stays there until it is cancelled.</param>
/// <param name="NativeState">What the backend calls it, given under <see cref="BuildMetadataKeys.NativeState"/>, or <see langword="null"/> for nothing.</param>
public sealed record FakeBuildStep(BuildStatus Status, TimeSpan Duration, string? NativeState = null);
