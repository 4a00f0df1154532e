namespace BuildRunner.Testing;

/// <summary>
/// Represents how one case went.
/// </summary>
/// <remarks>Immutable.</remarks>
public sealed record ConformanceResult
{
    internal ConformanceResult()
    {
    }

    /// <summary>
    /// Gets the case.
    /// </summary>
    public required ConformanceCase Case { get; init; }

    /// <summary>
    /// Gets how it went.
    /// </summary>
    public required ConformanceOutcome Outcome { get; init; }

    /// <summary>
    /// Gets why it failed or was skipped, and which builds it could not stop at its end; empty where it passed and stopped them all.
    /// </summary>
    public string Reason { get; init; } = "";

    /// <summary>
    /// Gets the exception that the case failed by: what the runner threw, or a member of the harness. <see langword="null"/> where there was none.
    /// </summary>
    public Exception? Exception { get; init; }

    /// <summary>
    /// Gets a value indicating whether the case failed before it could check what it is about: by an exception of the runner that it did not expect, or by a fault of the harness.
    /// </summary>
    public bool EndedEarly { get; init; }
}
