namespace BuildRunner.Testing;

/// <summary>
/// Defines the outcomes of a conformance case.
/// </summary>
public enum ConformanceOutcome
{
    /// <summary>The runner fulfils the clause.</summary>
    Passed,

    /// <summary>The runner violates the clause.</summary>
    Failed,

    /// <summary>The runner does not declare a required capability, or the harness does not provide a required hook.</summary>
    Skipped,
}
