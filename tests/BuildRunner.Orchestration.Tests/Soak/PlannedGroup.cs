namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>One group of the soak, as it was drawn: the build of its number and the next one.</summary>
internal sealed record PlannedGroup(int Number, bool FailFast, bool IsSecondRequired);
