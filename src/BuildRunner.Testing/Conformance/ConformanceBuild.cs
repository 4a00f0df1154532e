namespace BuildRunner.Testing;

/// <summary>
/// Defines the builds that a harness is asked for.
/// </summary>
public enum ConformanceBuild
{
    /// <summary>One that succeeds, soon. Heads of this kind are also stacked, on each other and below those of the others, so they must apply cleanly in any order.</summary>
    Succeeds,

    /// <summary>One whose head breaks it, soon. It must do so on any base, and as the base of another head.</summary>
    Fails,

    /// <summary>One that runs until it is cancelled, or at least through many waits.</summary>
    RunsLong,

    /// <summary>A request that the runner rejects.</summary>
    Rejected,

    /// <summary>One that runs long and, when it is cancelled while it is at work, goes on for a while.</summary>
    IgnoresCancel,
}
