namespace BuildRunner.Orchestration;

/// <summary>Decides which of the builds that wait for a runner is let in, and when to look again.</summary>
internal static class DispatchDecision
{
    // Who frees a slot or ends a hold looks at once. This finds limits that were raised.
    public static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // How many builds a runner without limits gets in a second after a hold, so that it is not stormed.
    private const int MostInSecond = 100;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Picks a build, or says when to look again.</summary>
    /// <returns>The build and the line as it is then; no build if the delivery ends.</returns>
    public static (Build? LetIn, RunnerLine Line, Outcome? Outcome) Decide(
        RunnerControl control, RunnerLine line, LineReading reading, BuildRunnerOptions options)
    {
        if (reading is not { Next: { } next, Oldest: { } oldest })
        {
            return (null, line, Outcome.Done);
        }

        var now = reading.Now;
        if (control.IsHeld || reading.InUse >= options.MaxInFlight)
        {
            return (null, line, Outcome.Postpone(LongestPause));
        }

        if (WaitsUntil(line, options) is { } until && until > now)
        {
            var pause = until - now;
            return (null, line, Outcome.Postpone(pause < LongestPause ? pause : LongestPause));
        }

        var isAged = now - oldest.CreatedAt - (control.HeldAt(now) - oldest.Bookkeeping.HeldBefore) >= options.PriorityAgeing;
        var isOldest = isAged && line.IsOldestNext;
        var isNewSecond = line.SecondAt is not { } second || now >= second + Second;
        return (
            isOldest ? oldest : next,
            line with
            {
                LetInAt = now,
                SecondAt = isNewSecond ? now : line.SecondAt,
                InSecond = isNewSecond ? 1 : line.InSecond + 1,
                IsOldestNext = isAged && !isOldest,
                Turns = isOldest
                    ? line.Turns
                    : new Dictionary<int, string>(line.Turns) { [next.Bookkeeping.Line!.Value] = next.OwnerId },
            },
            null);
    }

    /// <summary>Lets a build in, unless it or the line has changed since it was picked.</summary>
    /// <param name="reading">The build, with the document of the line.</param>
    /// <param name="picked">The build as it was picked.</param>
    /// <param name="before">The document from before the slots were counted, or null if there was none.</param>
    /// <param name="line">The line as it is then.</param>
    public static Step LetIn(BuildReading reading, Build picked, BuildDocument? before, RunnerLine line) =>
        reading.Build is { } build && build.Version == picked.Version
        && reading.Documents[DocumentNames.OfLine(build.Runner)]?.Version == before?.Version
            ? Step.Save(build.LetIn(reading.Now), Outcome.Done) with { Line = line.Write(build.Runner, before), Hastens = true }
            : Step.Leave(outcome: null);

    // With an interval, one build at a time is between the line and the runner, and its mark keeps the interval.
    private static DateTimeOffset? WaitsUntil(RunnerLine line, BuildRunnerOptions options)
    {
        DateTimeOffset?[] times =
        [
            options.CooldownAfter is null ? null : line.CooldownEndsAt,
            options.MinInterval > TimeSpan.Zero ? line.LetInAt + options.MinInterval : null,
            options.MinInterval > TimeSpan.Zero ? line.TriggeredAt + options.MinInterval : null,
            !options.IsLimited() && line.InSecond >= MostInSecond ? line.SecondAt + Second : null,
        ];
        return times.Max();
    }
}
