using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Decides how a build ends after its deadline: cancelled, polled a last time after its grace, then failed.</summary>
internal static class DeadlineDecision
{
    // How often and how long a deadline is left to a process that knows the runner and its grace. After that, the default applies.
    private static readonly TimeSpan LeftFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLeft = TimeSpan.FromMinutes(1);

    public static Step Decide(BuildReading reading, BuildRunnerOptions options, bool isKnown)
    {
        if (reading.Build is not { } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        var books = build.Bookkeeping;
        var end = books.LastCallEndsAt ?? books.GraceEndsAt ?? build.Deadline;
        if (books.GraceEndsAt is null && !build.MayBeRemote() && reading.Now >= end)
        {
            // The limit stands still while the runner is held, and is looked at again in time.
            if (reading.Held() is not { } held)
            {
                return Step.Need(DocumentNames.OfRunner(build.Runner));
            }

            if (reading.Now < end + held)
            {
                return Step.Leave(Outcome.Postpone(Later(end + held - reading.Now, reading.Control()!)));
            }
        }

        return reading.Now < end
            ? Step.Leave(Outcome.Postpone(end - reading.Now))
            : books.GraceEndsAt is null
                ? Cancel(build, reading.Now, options, isKnown)
                : books.LastCallEndsAt is null && build.MayBeRemote() ? AskOnceMore(build, reading.Now, options) : End(build);
    }

    private static TimeSpan Later(TimeSpan left, RunnerControl control) => control.IsHeld && left < LongestLeft ? LongestLeft : left;

    private static Step Cancel(Build build, DateTimeOffset now, BuildRunnerOptions options, bool isKnown)
    {
        if (!isKnown && build.Deadline + LongestLeft - now is var left && left > TimeSpan.Zero)
        {
            var pause = RunnerTimes.Later(LeftFor);
            return Step.Leave(Outcome.Postpone(pause < left ? pause : left));
        }

        var cancelling = build.Cancelling(BuildCancelCause.Deadline);
        cancelling = cancelling with { Bookkeeping = build.Bookkeeping with { GraceEndsAt = now + RunnerTimes.RoundUp(options.Grace) } };
        return Step.Save(cancelling, Outcome.Postpone(options.Grace)) with { Hastens = true };
    }

    // It may have ended while nobody was there to ask. That is saved, so that it is done once: a runner that does not answer puts off the
    // end no further.
    private static Step AskOnceMore(Build build, DateTimeOffset now, BuildRunnerOptions options)
    {
        var end = RunnerTimes.LastCallEndsAt(build, options, now);
        var asked = build with { Bookkeeping = build.Bookkeeping with { LastCallEndsAt = end } };
        return Step.Save(asked, Outcome.Postpone(end - now)) with { Hastens = true };
    }

    // The pause that the runner asked for holds for the last cancel as well.
    private static Step End(Build build)
    {
        var failed = build.Failed(BuildFailureKinds.Timeout, NoteOf(build));
        failed = failed with { Bookkeeping = failed.Bookkeeping with { NotBefore = build.Bookkeeping.NotBefore } };
        return Step.Save(failed, Outcome.Done) with { Hastens = build.MayBeRemote(), IsAbandoned = build.MayBeRemote() };
    }

    private static string NoteOf(Build build) => (build.RemoteId, build.Bookkeeping.TriggerAttemptedAt) switch
    {
        ({ } remoteId, _) =>
            $"The build had not ended by its deadline, and its runner did not say that it was cancelled: '{remoteId}' may run on.",
        (_, not null) => "The build had not ended by its deadline, and its runner did not say whether it was created: one may run on.",
        _ => "The build had not been created by its deadline.",
    };
}
