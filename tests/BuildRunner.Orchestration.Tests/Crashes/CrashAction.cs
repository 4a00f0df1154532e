namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>A call of a user at some time. If the process ends during the call, it is made again.</summary>
internal sealed record CrashAction(Func<CrashWorld, bool> IsDue, Func<IBuildOrchestrator, Build, CancellationToken, Task> DoAsync);
