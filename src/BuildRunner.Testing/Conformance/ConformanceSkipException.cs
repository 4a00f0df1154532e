namespace BuildRunner.Testing;

/// <summary>The harness lacks a hook that the case needs.</summary>
internal sealed class ConformanceSkipException(string message) : Exception(message);
