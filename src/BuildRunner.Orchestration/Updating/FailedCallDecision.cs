namespace BuildRunner.Orchestration;

/// <summary>What a call that failed makes of a build: it is counted, and says when the runner may be called again.</summary>
internal static class FailedCallDecision
{
    public const string Configuration = "configuration";

    /// <param name="reading">The build.</param>
    /// <param name="attempt">The attempt that the call was made for.</param>
    /// <param name="options">The options of the runner.</param>
    /// <param name="exception">The error.</param>
    public static Step Decide(BuildReading reading, int attempt, BuildRunnerOptions options, Exception exception) => reading.Build switch
    {
        { } other when other.Attempt != attempt => Step.Leave(Outcome.Done),
        { } build when !build.Status.IsTerminal() => Pause(reading, options, exception, build.Errored),

        // Nothing is saved of a build that has ended. Its aftercare waits until the setup is fixed.
        { } ended when exception is BuildRunnerConfigurationException => PutOff(ended, options, exception),
        _ => Step.Leave(Outcome.Done),
    };

    /// <summary>Saves what becomes of the build, and when the runner may be called again.</summary>
    public static Step Pause(BuildReading reading, BuildRunnerOptions options, Exception exception, Func<DateTimeOffset, Build> changed)
    {
        var putOff = PutOff(reading.Build!, options, exception);
        var build = changed(reading.Now + putOff.Outcome!.Delay);
        build = exception is BuildRunnerConfigurationException ? build.WithSetupFault(exception.Message) : build;
        return Step.Save(build, putOff.Outcome, putOff.Reason);
    }

    private static Step PutOff(Build build, BuildRunnerOptions options, Exception exception) => Step.Leave(
        Outcome.Postpone(RunnerTimes.RetryDelay(options, build.Bookkeeping.ErrorsInARow + 1, exception)),
        exception is BuildRunnerConfigurationException ? Configuration : "error");
}
