namespace BuildRunner.Testing;

/// <summary>Defines the outcomes of a conformance case. None is zero.</summary>
public enum ConformanceOutcome
{
    /// <summary>The runner fulfils the clause.</summary>
    Passed = 1,

    /// <summary>The runner violates the clause.</summary>
    Failed = 2,

    /// <summary>The runner does not declare a required capability, or the harness does not provide a required hook.</summary>
    Skipped = 3,
}
