using BuildRunner.Orchestration.Runners;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Decides whether to trigger a build. Without a decision, the runner is called.</summary>
internal static class TriggerDecision
{
    /// <summary>Decides what needs no call.</summary>
    public static Step Begin(BuildReading reading, RunnerClient client)
    {
        if (reading.Build is not { RemoteId: null } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        if (build.Bookkeeping.TriggerAttemptedAt is null)
        {
            return EndIfCancelled(build, reading.Now) ?? Step.Leave(outcome: null);
        }

        return WaitForMark(reading, client.Options) ?? (client.CanFind
            ? Step.Leave(outcome: null)
            : Step.Save(
                build.Failed(
                    BuildFailureKinds.Infra,
                    "The trigger outcome is unknown: the runner may have created a build that is not known here, and cannot look it up."),
                Outcome.Done));
    }

    /// <summary>Marks a build just before the call, unless it has changed.</summary>
    /// <param name="reading">The build.</param>
    /// <param name="mark">The mark without an outcome, or null if there was none.</param>
    /// <param name="options">The options of the runner.</param>
    public static Step Mark(BuildReading reading, DateTimeOffset? mark, BuildRunnerOptions options)
    {
        if (reading.Build is not { RemoteId: null } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        if (build.Bookkeeping.TriggerAttemptedAt != mark)
        {
            return WaitForMark(reading, options) ?? Step.Leave(Outcome.Postpone(TimeSpan.Zero));
        }

        return EndIfCancelled(build, reading.Now)
            ?? (build.Bookkeeping.NotBefore is { } notBefore && notBefore > reading.Now
                ? Step.Leave(Outcome.Postpone(notBefore - reading.Now), "not_before")
                : Step.Save(build.Marked(reading.Now), outcome: null));
    }

    /// <summary>Waits until the call of a mark must be over.</summary>
    public static Step? WaitForMark(BuildReading reading, BuildRunnerOptions options) =>
        reading.Build is { RemoteId: null, Bookkeeping.TriggerAttemptedAt: { } mark }
        && mark + RunnerTimes.TriggerSettlesIn(options) is var settled && reading.Now < settled
            ? Step.Leave(Outcome.Postpone(settled - reading.Now), "unsettled_trigger")
            : null;

    private static Step? EndIfCancelled(Build build, DateTimeOffset now) =>
        build.DueAt(now) is { CancelCause: not BuildCancelCause.None } due ? Step.Save(due.Cancelled(), Outcome.Done) : null;
}
