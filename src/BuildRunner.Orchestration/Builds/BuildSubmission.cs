namespace BuildRunner.Orchestration;

/// <summary>
/// Represents a build that someone wants to have, before it is one.
/// </summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildSubmission
{
    /// <summary>
    /// The longest name of a runner, in characters.
    /// </summary>
    public const int MaxRunnerLength = 100;

    /// <summary>
    /// The longest key and the longest id of an owner, in characters.
    /// </summary>
    public const int MaxKeyLength = 255;

    /// <summary>
    /// Gets the caller's own name for the build: 1 to 255 characters, without U+0000 and ill-formed UTF-16. Submitting the same again gives
    /// the build that there is, until <see cref="BuildOrchestrationOptions.Retention"/> after its end.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>
    /// Gets the name of the runner, as it was added with <see cref="BuildOrchestrationBuilder.AddRunner"/> or <see
    /// cref="BuildOrchestrationBuilder.AddRemoteRunner"/>: 1 to 100 characters, without U+0000 and ill-formed UTF-16, and not ending with
    /// <c>_dlq</c>.
    /// </summary>
    public required string Runner { get; init; }

    /// <summary>
    /// Gets who is woken when the build changes, for one build at a time: 1 to 255 characters, without U+0000 and ill-formed UTF-16.
    /// </summary>
    public required string OwnerId { get; init; }

    /// <summary>
    /// Gets what to build. It has no <see cref="BuildRequest.TriggerKey"/>: the build gets one of its own.
    /// </summary>
    public required BuildRequest Request { get; init; }

    /// <summary>
    /// Gets after which time the build is cancelled, counted from now, or <see langword="null"/> for <see
    /// cref="BuildOrchestrationOptions.DefaultTimeout"/>. More than zero, at most 365 days.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}
