namespace BuildRunner.Orchestration.Hosting;

/// <summary>That this process triggers and polls the builds of a runner.</summary>
internal sealed record RunnerRegistration(string Name);
