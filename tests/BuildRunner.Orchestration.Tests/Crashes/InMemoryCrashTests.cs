namespace BuildRunner.Orchestration.Tests.Crashes;

public sealed class InMemoryCrashTests : CrashSuite
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}
