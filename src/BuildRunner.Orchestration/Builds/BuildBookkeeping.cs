namespace BuildRunner.Orchestration;

/// <summary>What the orchestration keeps of a build for itself. Times are by the clock of the store.</summary>
internal sealed record BuildBookkeeping
{
    public static BuildBookkeeping None { get; } = new();

    /// <summary>The mark: when the runner was last asked to create the build, or null where it was not, or surely has created nothing.
    /// Saved before the call.</summary>
    public DateTimeOffset? TriggerAttemptedAt { get; init; }

    /// <summary>How many calls about the build have failed since the last that did not.</summary>
    public int ErrorsInARow { get; init; }

    /// <summary>Since when the runner says that it does not know the build, or null where it last did.</summary>
    public DateTimeOffset? MissingSince { get; init; }

    /// <summary>Before this time the runner is not called about the build.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When the grace after the deadline ends, or null before the deadline. A build that may exist at its runner is asked for once
    /// more then.</summary>
    public DateTimeOffset? GraceEndsAt { get; init; }

    /// <summary>When the build ends as failed unless its runner says otherwise before, or null if the runner was not asked a last time
    /// after the grace.</summary>
    public DateTimeOffset? LastCallEndsAt { get; init; }
}
