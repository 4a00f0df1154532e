namespace BuildRunner.Testing;

/// <summary>
/// Defines how a conformance case went. No value is zero.
/// </summary>
public enum ConformanceOutcome
{
    /// <summary>The runner does what the clause says.</summary>
    Passed = 1,

    /// <summary>The runner does not do what the clause says.</summary>
    Failed = 2,

    /// <summary>The runner does not declare a capability that the clause needs, or the harness lacks a hook.</summary>
    Skipped = 3,
}
