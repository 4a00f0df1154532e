namespace BuildRunner.Testing;

/// <summary>Represents the result of a case.</summary>
/// <remarks>Immutable.</remarks>
public sealed record ConformanceResult
{
    internal ConformanceResult()
    {
    }

    /// <summary>Gets the case.</summary>
    public required ConformanceCase Case { get; init; }

    /// <summary>Gets the outcome.</summary>
    public required ConformanceOutcome Outcome { get; init; }

    /// <summary>Gets the reason for a failure or a skip, and the builds that the case could not stop. Empty if it passed and stopped all of
    /// them.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Gets the exception that made the case fail, thrown by the runner or a member of the harness, or <see langword="null"/> if
    /// there is none.</summary>
    public Exception? Exception { get; init; }

    /// <summary>Gets a value indicating whether the case failed before it could check its clause, because of an unexpected exception of the
    /// runner or an error of the harness.</summary>
    public bool EndedEarly { get; init; }
}
