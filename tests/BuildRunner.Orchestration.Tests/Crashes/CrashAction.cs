namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>What a caller does at some time. One whose process ends meanwhile does it again.</summary>
internal sealed record CrashAction(Func<CrashWorld, bool> IsDue, Func<IBuildOrchestrator, Build, CancellationToken, Task> DoAsync);
