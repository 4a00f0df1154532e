namespace BuildRunner.Orchestration.Runners;

/// <summary>The runner was not called, and is not called any more: nothing has come of it.</summary>
internal sealed class CallNotBegunException : BuildRunnerException
{
    public CallNotBegunException(string message)
        : base(message) => IsTransient = true;
}
