namespace BuildRunner.Testing;

/// <summary>The exception that is thrown to skip a case, because the harness lacks a hook or the runner a capability.</summary>
internal sealed class ConformanceSkipException(string message) : Exception(message);
