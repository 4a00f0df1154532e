namespace BuildRunner.Testing;

/// <summary>
/// Defines the builds that a harness is asked for.
/// </summary>
public enum ConformanceBuild
{
    /// <summary>One that succeeds, soon.</summary>
    Succeeds,

    /// <summary>One whose head breaks it, soon. Its head must do so on any base.</summary>
    Fails,

    /// <summary>One that runs until it is cancelled, or at least through many waits.</summary>
    RunsLong,

    /// <summary>A request that the runner rejects.</summary>
    Rejected,

    /// <summary>One that runs long and, when it is cancelled, goes on for a while.</summary>
    IgnoresCancel,
}
