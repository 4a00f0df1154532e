namespace BuildRunner.Testing;

/// <summary>
/// Defines how a conformance case went.
/// </summary>
public enum ConformanceOutcome
{
    /// <summary>The runner does not do what the clause says.</summary>
    Failed,

    /// <summary>The runner does what the clause says.</summary>
    Passed,

    /// <summary>The runner does not declare a capability that the clause needs, or the harness lacks a hook.</summary>
    Skipped,
}
