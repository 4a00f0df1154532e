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
            return EndIfCancelled(reading, build, client.Options)
                ?? (IsPutOff(reading) ? Step.Leave(outcome: null) : TriggerAdmission.Of(reading, client.Options))
                ?? Step.Leave(outcome: null);
        }

        return WaitForMark(reading, client.Options) ?? (client.CanFind
            ? Step.Leave(outcome: null)
            : Step.Save(
                build.Failed(
                    BuildFailureKinds.Infra,
                    "The trigger outcome is unknown: the runner may have created a build that is not known here, and cannot look it up."),
                Outcome.Done) with
            { IsAbandoned = true });
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

        return EndIfCancelled(reading, build, options)
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

    // A hold of the runner puts the deadline off. It is read once the deadline may have passed.
    private static Step? EndIfCancelled(BuildReading reading, Build build, BuildRunnerOptions options)
    {
        if (build.CancelCause != BuildCancelCause.None)
        {
            return Step.Save(build.Cancelled(), Outcome.Done);
        }

        var held = reading.Held();
        return reading.Now < BuildLimits.Next(build, held ?? TimeSpan.Zero, options).At ? null
            : held is null ? Step.Need(DocumentNames.OfRunner(build.Runner))
            : Step.Save(build.TimedOut(TimeoutOf.Total).Cancelled(), Outcome.Done) with
            {
                DependsOn = DocumentNames.OfRunner(build.Runner),
            };
    }
}
