namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>A moment at which a process can be hit: just before a call of store, queue or runner, or just after it was done and before the process knows.</summary>
internal sealed record StageCall(string Member, bool IsDone);
