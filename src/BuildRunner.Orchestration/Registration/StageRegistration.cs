namespace BuildRunner.Orchestration.Registration;

/// <summary>That this process does what every process with runners or observers does.</summary>
internal sealed class StageRegistration;
