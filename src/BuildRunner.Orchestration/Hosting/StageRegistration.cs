namespace BuildRunner.Orchestration.Hosting;

/// <summary>That this process does what every process of the build stage does.</summary>
internal sealed class StageRegistration;
