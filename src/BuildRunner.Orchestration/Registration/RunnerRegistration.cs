namespace BuildRunner.Orchestration.Registration;

/// <summary>Represents a runner, and whether this process triggers and polls its builds.</summary>
internal sealed record RunnerRegistration(string Name, bool IsLocal);
