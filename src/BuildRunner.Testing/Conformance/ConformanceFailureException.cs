namespace BuildRunner.Testing;

/// <summary>The runner does otherwise than the clause says.</summary>
internal sealed class ConformanceFailureException(string message) : Exception(message);
