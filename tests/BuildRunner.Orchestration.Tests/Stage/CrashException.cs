namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>The process has died: nothing that it does has an effect any more.</summary>
internal sealed class CrashException() : Exception("The process has died.");
