namespace BuildRunner.Testing;

/// <summary>
/// Defines how binding a clause of the contract is.
/// </summary>
public enum ConformanceLevel
{
    /// <summary>A runner that does otherwise does not keep the contract.</summary>
    Must,

    /// <summary>A runner may do otherwise where its backend leaves it no choice.</summary>
    Should,
}
