namespace BuildRunner.Orchestration;

/// <summary>Represents a request to create a build.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildSubmission
{
    /// <summary>The maximum length of the name of a runner, in characters.</summary>
    public const int MaxRunnerLength = 100;

    /// <summary>The maximum length of a key and of an owner id, in characters.</summary>
    public const int MaxKeyLength = 255;

    internal static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(365);

    /// <summary>Gets the caller's name for the build: 1 to 255 characters, without U+0000 and ill-formed UTF-16. Submitting the same again
    /// returns the existing build, until <see cref="BuildOrchestrationOptions.Retention"/> after its end.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the name of the runner, as added with <see cref="BuildOrchestrationBuilder.AddRunner"/> or <see
    /// cref="BuildOrchestrationBuilder.AddRemoteRunner"/>: 1 to 100 characters, without U+0000 and ill-formed UTF-16, not ending with
    /// <c>_dlq</c>.</summary>
    public required string Runner { get; init; }

    /// <summary>Gets the owner: 1 to 255 characters, without U+0000 and ill-formed UTF-16. Observers handle one build of an owner at a
    /// time.</summary>
    public required string OwnerId { get; init; }

    /// <summary>Gets what to build. Its <see cref="BuildRequest.TriggerKey"/> must be null: the build gets its own.</summary>
    public required BuildRequest Request { get; init; }

    /// <summary>Gets the time from the submission after which the build is cancelled: more than zero, at most 365 days, or <see
    /// langword="null"/> for <see cref="BuildOrchestrationOptions.DefaultTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }
}
