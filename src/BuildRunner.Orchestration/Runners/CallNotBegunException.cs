namespace BuildRunner.Orchestration.Runners;

/// <summary>Represents a call that was not made and will not be.</summary>
internal sealed class CallNotBegunException : BuildRunnerException
{
    public CallNotBegunException(string message)
        : base(message) => IsTransient = true;
}
