namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>A moment at which a process can be hit: just before a call of store, queue, runner or observer, or just after it was done or has failed and before the process knows. The topic is that of the message that is handled, or <see langword="null"/> for what a caller does.</summary>
internal sealed record StageCall(string Member, bool IsDone, string? Topic = null);
