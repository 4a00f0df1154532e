namespace BuildRunner.Orchestration;

/// <summary>Represents a request to create a build.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildSubmission
{
    /// <summary>The maximum length of the name of a runner, in characters.</summary>
    public const int MaxRunnerLength = 100;

    /// <summary>The maximum length of a key and of an owner id, in characters.</summary>
    public const int MaxKeyLength = 255;

    /// <summary>The maximum <see cref="Priority"/>.</summary>
    public const int MaxPriority = 100;

    internal const int DefaultPriority = 50;

    internal static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(365);

    internal static readonly TimeSpan MinLimit = TimeSpan.FromSeconds(1);

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
    /// langword="null"/> for <see cref="BuildRunnerOptions.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Gets the time from when the runner has accepted the build until it must run: 1 second to 365 days, or <see
    /// langword="null"/> for <see cref="BuildRunnerOptions.PendingTimeout"/>. After that it is cancelled.</summary>
    public TimeSpan? PendingTimeout { get; init; }

    /// <summary>Gets the time that the build may run: 1 second to 365 days, or <see langword="null"/> for <see
    /// cref="BuildRunnerOptions.RunTimeout"/>. After that it is cancelled.</summary>
    public TimeSpan? RunTimeout { get; init; }

    /// <summary>Gets how often and when the build is tried again if it fails, or <see langword="null"/> for <see
    /// cref="BuildRunnerOptions.Retry"/>.</summary>
    public RetryOptions? Retry { get; init; }

    /// <summary>Gets the priority among the builds that wait for the runner: 0 to 100, the higher goes first. The default is 50.</summary>
    public int Priority { get; init; } = DefaultPriority;

    /// <summary>Gets a tag to find the build by: 1 to 255 characters, without U+0000 and ill-formed UTF-16, or <see langword="null"/> for
    /// none.</summary>
    public string? Tag { get; init; }

    /// <summary>Gets the builds of the same owner that this one replaces, or <see langword="null"/> for none. Those that have not ended are
    /// cancelled when this one is saved, in the same transaction. Nothing is cancelled if the key was submitted before.</summary>
    public BuildSelector? Supersedes { get; init; }
}
