namespace BuildRunner.Testing;

/// <summary>
/// Represents the time that a fake build spends in one status.
/// </summary>
/// <param name="Status">The status. Must not be terminal.</param>
/// <param name="Duration">The duration: zero or more, or <see cref="Timeout.InfiniteTimeSpan"/> for a build that stays in the status until
/// it is cancelled.</param>
/// <param name="NativeState">The value of <see cref="BuildMetadataKeys.NativeState"/> during the step, or <see langword="null"/> for
/// none.</param>
public sealed record FakeBuildStep(BuildStatus Status, TimeSpan Duration, string? NativeState = null);
