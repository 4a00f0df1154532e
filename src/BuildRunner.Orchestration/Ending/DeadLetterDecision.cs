namespace BuildRunner.Orchestration;

/// <summary>Decides how a build ends after one of its messages became a dead letter.</summary>
internal static class DeadLetterDecision
{
    /// <summary>Ends the build as the runner says that it has ended. Without an outcome, it says nothing of an end.</summary>
    public static Step Ask(BuildReading reading, PollAnswer answer, BuildRunnerOptions options)
    {
        var step = PollDecision.Decide(reading, answer, options, isLast: true);
        return step.Changed?.Status.IsTerminal() == true || reading.Build is not { } build || build.Status.IsTerminal()
            || build.Attempt != answer.Attempt
                ? step
                : Step.Leave(outcome: null);
    }

    /// <summary>Saves the cause first, so that a cancelled build is recorded correctly. Then waits for a trigger that may be under
    /// way.</summary>
    public static Step Begin(BuildReading reading, int attempt, BuildRunnerOptions options)
    {
        if (reading.Build is not { } build || build.Status.IsTerminal() || build.Attempt != attempt)
        {
            return Step.Leave(Outcome.Done);
        }

        var wait = TriggerDecision.WaitForMark(reading, options);
        return Step.Save(build.Cancelling(BuildCancelCause.DeadLetter), wait?.Outcome, wait?.Reason);
    }

    /// <summary>Ends the build, if it is the one that the runner was told to cancel.</summary>
    public static Step End(BuildReading reading, Build told, string note) => reading.Build switch
    {
        null or { Status: BuildStatus.Succeeded or BuildStatus.Failed or BuildStatus.Cancelled } => Step.Leave(Outcome.Done),
        { } build when IsOther(build, told) => Step.Leave(Outcome.Postpone(TimeSpan.Zero)),
        { } build => Step.Save((build with { RemoteId = told.RemoteId }).Failed(BuildFailureKinds.Infra, note), Outcome.Done) with
        {
            IsAbandoned = told.MayBeRemote(),
        },
    };

    // It has been triggered since, or the outcome is known by now.
    private static bool IsOther(Build build, Build told) =>
        build.RemoteId is { } remoteId
            ? remoteId != told.RemoteId
            : build.Bookkeeping.TriggerAttemptedAt != told.Bookkeeping.TriggerAttemptedAt;
}
