namespace BuildRunner.Orchestration.Registration;

/// <summary>That there is a runner, and whether it is this process that triggers and polls its builds.</summary>
internal sealed record RunnerRegistration(string Name, bool IsLocal);
