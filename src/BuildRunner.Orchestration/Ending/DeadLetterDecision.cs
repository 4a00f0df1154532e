using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>How a build ends of which a message became a dead letter.</summary>
internal static class DeadLetterDecision
{
    /// <summary>First the cause, so that whoever sees the build cancelled meanwhile records it as what it is. Then a trigger that may be
    /// under way is waited for.</summary>
    public static Step Begin(BuildReading reading, BuildRunnerOptions options)
    {
        if (reading.Build is not { } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        var wait = TriggerDecision.WaitForMark(reading, options);
        return Step.Save(build.Cancelling(BuildCancelCause.DeadLetter), wait?.Outcome, wait?.Reason);
    }

    /// <summary>Ends the build, if its runner was told of what it has.</summary>
    /// <param name="reading">The build.</param>
    /// <param name="told">The build as its runner was told of it, with what was found.</param>
    /// <param name="note">Why it ends, and what may run on.</param>
    public static Step End(BuildReading reading, Build told, string note) => reading.Build switch
    {
        null or { Status: BuildStatus.Succeeded or BuildStatus.Failed or BuildStatus.Cancelled } => Step.Leave(Outcome.Done),
        { } build when IsOther(build, told) => Step.Leave(Outcome.Postpone(TimeSpan.Zero)),
        { } build => Step.Save((build with { RemoteId = told.RemoteId }).Failed(BuildFailureKinds.Infra, note), Outcome.Done),
    };

    // Somebody has triggered it since, or knows by now what came of that.
    private static bool IsOther(Build build, Build told) =>
        build.RemoteId is { } remoteId
            ? remoteId != told.RemoteId
            : build.Bookkeeping.TriggerAttemptedAt != told.Bookkeeping.TriggerAttemptedAt;
}
