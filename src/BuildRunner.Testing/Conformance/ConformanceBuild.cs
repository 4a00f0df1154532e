namespace BuildRunner.Testing;

/// <summary>Defines the kinds of builds that the kit asks a harness for.</summary>
public enum ConformanceBuild
{
    /// <summary>A build that soon succeeds. The kit also stacks heads of this kind, on each other and below heads of the other kinds, so
    /// they must apply cleanly in any order.</summary>
    Succeeds,

    /// <summary>A build that soon fails because of its head. The head must break the build on any base, and as the base of another
    /// head.</summary>
    Fails,

    /// <summary>A build that runs until it is cancelled, or at least for many waits.</summary>
    RunsLong,

    /// <summary>A request that the runner rejects.</summary>
    Rejected,

    /// <summary>A long build that continues for a while if it is cancelled during its work.</summary>
    IgnoresCancel,
}
