namespace BuildRunner.Orchestration;

/// <summary>Decides how a build ends after one of its limits: cancelled, polled a last time after its grace, then failed.</summary>
internal static class DeadlineDecision
{
    // How often and how long a deadline is left to a process that knows the runner and its grace. After that, the default applies.
    private static readonly TimeSpan LeftFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestLeft = TimeSpan.FromMinutes(1);

    // The rest of a limit stays the same then, and may be a millisecond.
    private static readonly TimeSpan WhileHeld = TimeSpan.FromMinutes(1);

    public static Step Decide(BuildReading reading, BuildRunnerOptions options, bool isKnown)
    {
        if (reading.Build is not { } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        var books = build.Bookkeeping;
        if (books.GraceEndsAt is null)
        {
            return BeforeEnd(reading, build, options, isKnown);
        }

        var end = books.LastCallEndsAt ?? books.GraceEndsAt.Value;
        return reading.Now < end
            ? Step.Leave(Outcome.Postpone(end - reading.Now))
            : books.LastCallEndsAt is null && build.MayBeRemote() ? AskOnceMore(build, reading.Now, options) : End(build);
    }

    private static Step BeforeEnd(BuildReading reading, Build build, BuildRunnerOptions options, bool isKnown)
    {
        // A hold of the runner puts limits off. It is read once one may have passed.
        var (now, held) = (reading.Now, reading.Held());
        var limit = BuildLimits.Next(build, held ?? TimeSpan.Zero, options);
        if (now < limit.At)
        {
            return Step.Leave(Outcome.Postpone(!isKnown && BuildLimits.DependsOnOptions(build)
                ? Shorter(RunnerTimes.Later(LeftFor), limit.At - now)
                : reading.Control() is { IsHeld: true } ? Shorter(Longer(WhileHeld, limit.At - now), LatestEnd(build) - now)
                : limit.At - now));
        }

        return held is null ? Step.Need(DocumentNames.OfRunner(build.Runner)) : Cancel(build, limit, now, options, isKnown);
    }

    // Once a build is triggered, a hold no longer extends its total limit.
    private static DateTimeOffset LatestEnd(Build build) => build.MayBeRemote() ? build.Deadline : DateTimeOffset.MaxValue;

    private static Step Cancel(Build build, BuildLimit limit, DateTimeOffset now, BuildRunnerOptions options, bool isKnown)
    {
        if (!isKnown && limit.At + LongestLeft - now is var left && left > TimeSpan.Zero)
        {
            return Step.Leave(Outcome.Postpone(Shorter(RunnerTimes.Later(LeftFor), left)));
        }

        var cancelling = build.TimedOut(limit.Of);
        cancelling = cancelling with
        {
            Bookkeeping = cancelling.Bookkeeping with { GraceEndsAt = now + RunnerTimes.RoundUp(options.Grace) },
        };
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
        var failed = build.FailedInTime(NoteOf(build));
        failed = failed with { Bookkeeping = failed.Bookkeeping with { NotBefore = build.Bookkeeping.NotBefore } };
        return Step.Save(failed, Outcome.Done) with { Hastens = build.MayBeRemote(), IsAbandoned = build.MayBeRemote() };
    }

    private static string NoteOf(Build build)
    {
        var limit = BuildTransitions.LimitOf(build.Bookkeeping.TimeoutOf);
        return (build.RemoteId, build.Bookkeeping.TriggerAttemptedAt) switch
        {
            ({ } remoteId, _) =>
                $"The build had not {limit}, and its runner did not say that it was cancelled: '{remoteId}' may run on.",
            (_, not null) => $"The build had not {limit}, and its runner did not say whether it was created: one may run on.",
            _ => "The build had not been created by its deadline.",
        };
    }

    private static TimeSpan Shorter(TimeSpan first, TimeSpan second) => first < second ? first : second;

    private static TimeSpan Longer(TimeSpan first, TimeSpan second) => first > second ? first : second;
}
