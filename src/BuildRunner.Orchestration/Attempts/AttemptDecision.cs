namespace BuildRunner.Orchestration;

/// <summary>Decides whether a build that would end is tried again.</summary>
internal static class AttemptDecision
{
    /// <param name="reading">The build before the step.</param>
    /// <param name="step">The step.</param>
    /// <param name="options">The options of the runner.</param>
    public static Step Decide(BuildReading reading, Step step, BuildRunnerOptions options)
    {
        _ = (reading, options);
        return step;
    }
}
