namespace BuildRunner.Orchestration;

/// <summary>Represents internal state of a build. Times are by the clock of the store.</summary>
internal sealed record BuildBookkeeping
{
    public static BuildBookkeeping None { get; } = new();

    /// <summary>The mark: when the runner was last asked to create the build, or null if it was not or certainly created nothing. Saved
    /// before the call.</summary>
    public DateTimeOffset? TriggerAttemptedAt { get; init; }

    public int ErrorsInARow { get; init; }

    /// <summary>When the runner first reported the build as missing, or null if it last knew it.</summary>
    public DateTimeOffset? MissingSince { get; init; }

    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When the grace after the deadline ends, or null before the deadline. Then a build that may exist is polled once
    /// more.</summary>
    public DateTimeOffset? GraceEndsAt { get; init; }

    /// <summary>When the build ends as failed unless the last poll after the grace shows otherwise, or null before that poll.</summary>
    public DateTimeOffset? LastCallEndsAt { get; init; }
}
