namespace BuildRunner.Testing;

/// <summary>The runner does otherwise than the clause says, or the harness otherwise than it must.</summary>
internal sealed class ConformanceFailureException(string message, Exception? inner = null, bool endedEarly = false) : Exception(message, inner)
{
    /// <inheritdoc cref="ConformanceResult.EndedEarly"/>
    public bool EndedEarly { get; } = endedEarly;
}
