namespace BuildRunner.Orchestration;

/// <summary>Decides how the answer to a poll changes a build, and when to poll again.</summary>
internal static class PollDecision
{
    /// <param name="reading">The build.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="options">The options of the runner.</param>
    /// <param name="isLast">Whether the runner is not asked again, so that what it says now lasts.</param>
    public static Step Decide(BuildReading reading, PollAnswer answer, BuildRunnerOptions options, bool isLast = false)
    {
        if (reading.Build is not { RemoteId: not null } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        if (build.Attempt != answer.Attempt)
        {
            // It says nothing of the attempt that has begun meanwhile, which has messages of its own.
            return Step.Leave(Outcome.Done);
        }

        if (answer.Error is { } error)
        {
            return FailedCallDecision.Decide(reading, answer.Attempt, options, error);
        }

        if (!isLast && answer.Snapshot is { Status: BuildStatus.Cancelled } && Settles(build, reading.Now, options) is { } settles)
        {
            return settles;
        }

        var seen = answer.Snapshot is { } snapshot ? build.Seen(snapshot) : Missed(build, reading.Now, options);
        if (seen.Status.IsTerminal())
        {
            return Step.Save(seen, Outcome.Done) with { IsVerdict = true };
        }

        if (answer.CancelRefusal is { } refusal)
        {
            var counted = seen with { Bookkeeping = seen.Bookkeeping with { ErrorsInARow = build.Bookkeeping.ErrorsInARow } };
            return FailedCallDecision.Pause(reading, options, refusal, counted.CancelRefused);
        }

        // Most polls find nothing new and save nothing.
        return Step.Save(
            seen,
            Outcome.Postpone(RunnerTimes.PollDelay(options, seen.Status, answer.Snapshot?.PollAfter)),
            answer.Snapshot is null ? "missing" : "poll");
    }

    // A CI may cancel a build to run the same one again. What was asked for is believed at once.
    private static Step? Settles(Build build, DateTimeOffset now, BuildRunnerOptions options)
    {
        if (build.CancelCause != BuildCancelCause.None || options.SettleDelay == TimeSpan.Zero)
        {
            return null;
        }

        var settledAt = build.Bookkeeping.SettledAt ?? now + RunnerTimes.RoundUp(options.SettleDelay);
        var (left, poll) = (settledAt - now, RunnerTimes.PollDelay(options, BuildStatus.Accepted, hint: null));
        return left > TimeSpan.Zero ? Step.Save(build.Settling(settledAt), Outcome.Postpone(left < poll ? left : poll), "settle") : null;
    }

    // The build may not be visible yet, or on another node, so only a lasting answer counts.
    private static Build Missed(Build build, DateTimeOffset now, BuildRunnerOptions options)
    {
        var since = build.Bookkeeping.MissingSince ?? now;
        return (now - since >= options.MissingGrace, build.CancelCause) switch
        {
            (false, _) => build.Missed(since),
            (true, BuildCancelCause.None) =>
                build.Failed(BuildFailureKinds.Infra, $"The runner does not know the build '{build.RemoteId}' any more."),
            _ => build.Cancelled(),
        };
    }
}

/// <summary>Represents the outcome of a poll: a status, an error, or neither if the runner does not know the build.</summary>
/// <param name="Attempt">The attempt of the build that was asked for.</param>
/// <param name="Snapshot">The status.</param>
/// <param name="Error">The error.</param>
/// <param name="CancelRefusal">The error of the cancel before the poll, if the runner asks for a pause or its setup is at fault.</param>
internal sealed record PollAnswer(
    int Attempt, BuildSnapshot? Snapshot = null, Exception? Error = null, BuildRunnerException? CancelRefusal = null);
