namespace BuildRunner.Testing;

/// <summary>
/// Defines the levels of the clauses of the contract.
/// </summary>
public enum ConformanceLevel
{
    /// <summary>A runner must fulfil the clause to conform.</summary>
    Must,

    /// <summary>A runner may deviate from the clause if its backend leaves it no choice.</summary>
    Should,
}
