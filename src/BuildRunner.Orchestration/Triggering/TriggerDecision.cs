using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Decides whether to trigger a build. Without a decision, the runner is called.</summary>
internal static class TriggerDecision
{
    public static Step Begin(BuildReading reading, RunnerClient client)
    {
        if (reading.Build is not { RemoteId: null } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        if (build.Bookkeeping.TriggerAttemptedAt is null)
        {
            return EndIfCancelled(reading)
                ?? (IsPutOff(reading) ? Step.Leave(outcome: null) : TriggerAdmission.Of(reading, client.Options))
                ?? Step.Leave(outcome: null);
        }

        return WaitForMark(reading, client.Options) ?? (client.CanFind
            ? Step.Leave(outcome: null)
            : Step.Save(
                build.Failed(
                    BuildFailureKinds.Infra,
                    "The trigger outcome is unknown: the runner may have created a build that is not known here, and cannot look it up."),
                Outcome.Done) with { IsAbandoned = true });
    }

    /// <summary>Marks a build just before the call, unless its mark, which has no outcome, has changed.</summary>
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

        return EndIfCancelled(reading)
            ?? (IsPutOff(reading)
                ? Step.Leave(Outcome.Postpone(build.Bookkeeping.NotBefore!.Value - reading.Now), "not_before")
                : TriggerAdmission.Of(reading, options) ?? TriggerAdmission.Mark(reading, options));
    }

    public static Step? WaitForMark(BuildReading reading, BuildRunnerOptions options) =>
        reading.Build is { RemoteId: null, Bookkeeping.TriggerAttemptedAt: { } mark }
        && mark + RunnerTimes.TriggerSettlesIn(options) is var settled && reading.Now < settled
            ? Step.Leave(Outcome.Postpone(settled - reading.Now), "unsettled_trigger")
            : null;

    private static bool IsPutOff(BuildReading reading) => reading.Build!.Bookkeeping.NotBefore > reading.Now;

    private static Step? EndIfCancelled(BuildReading reading)
    {
        var build = reading.Build!;
        if (build.CancelCause != BuildCancelCause.None || (build.MayBeRemote() && reading.Now >= build.Deadline))
        {
            return Step.Save(build.DueAt(reading.Now).Cancelled(), Outcome.Done);
        }

        if (reading.Now < build.Deadline)
        {
            return null;
        }

        // The limit stands still while the runner is held.
        var runner = DocumentNames.OfRunner(build.Runner);
        return reading.Held() is not { } held ? Step.Need(runner)
            : build.DueAt(reading.Now - held) is { CancelCause: not BuildCancelCause.None } due
                ? Step.Save(due.Cancelled(), Outcome.Done) with { DependsOn = runner }
                : null;
    }
}
