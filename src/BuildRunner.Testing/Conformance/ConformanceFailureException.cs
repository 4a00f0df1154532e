namespace BuildRunner.Testing;

/// <summary>The exception that is thrown when the runner violates the clause, or the harness violates its own contract.</summary>
internal sealed class ConformanceFailureException(string message, Exception? inner = null, bool endedEarly = false)
    : Exception(message, inner)
{
    /// <inheritdoc cref="ConformanceResult.EndedEarly"/>
    public bool EndedEarly { get; } = endedEarly;
}
