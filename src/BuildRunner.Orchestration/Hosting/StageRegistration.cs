namespace BuildRunner.Orchestration.Hosting;

/// <summary>That this process does what every process with runners does.</summary>
internal sealed class StageRegistration;
