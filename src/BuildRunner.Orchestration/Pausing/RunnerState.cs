namespace BuildRunner.Orchestration;

/// <summary>Represents what a runner is doing, in all processes.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record RunnerState
{
    /// <summary>Gets the name of the runner.</summary>
    public required string Runner { get; init; }

    /// <summary>Gets why and how the runner is paused, or <see langword="null"/> if it is not.</summary>
    public RunnerPause? Pause { get; init; }

    /// <summary>Gets who ended the last pause of the runner, or <see langword="null"/> if none was ended.</summary>
    public string? ResumedBy { get; init; }

    /// <summary>Gets why the last pause was ended, or <see langword="null"/> if nobody said.</summary>
    public string? ResumeReason { get; init; }

    /// <summary>Gets when the last pause was ended, by the clock of the store, or <see langword="null"/> if none was.</summary>
    public DateTimeOffset? ResumedAt { get; init; }

    /// <summary>
    /// Gets the number of builds that the runner has or is about to get, at most 100,000. Builds that ended without its word do not count.
    /// </summary>
    public int InFlight { get; init; }

    /// <summary>Gets a value indicating whether builds wait for a slot, an interval, a cooldown or the end of a hold.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>
    /// Gets until when no builds are triggered because so many failed in a row, by the clock of the store, or <see langword="null"/> for no
    /// such time.
    /// </summary>
    public DateTimeOffset? CooldownEndsAt { get; init; }
}
