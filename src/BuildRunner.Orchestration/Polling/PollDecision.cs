using BuildRunner.Queue;

namespace BuildRunner.Orchestration;

/// <summary>Decides how the answer to a poll changes a build, and when to poll again.</summary>
internal static class PollDecision
{
    public static Step Decide(BuildReading reading, PollAnswer answer, BuildRunnerOptions options)
    {
        if (reading.Build is not { } build || build.Status.IsTerminal())
        {
            return Step.Leave(Outcome.Done);
        }

        if (answer.Error is { } error)
        {
            return FailedCallDecision.Decide(reading, options, error);
        }

        var seen = answer.Snapshot is { } snapshot ? build.Seen(snapshot) : Missed(build, reading.Now, options);
        if (seen.Status.IsTerminal())
        {
            return Step.Save(seen, Outcome.Done);
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
/// <param name="Snapshot">The status.</param>
/// <param name="Error">The error.</param>
/// <param name="CancelRefusal">The error of the cancel before the poll, if the runner asks for a pause or its setup is at fault.</param>
internal sealed record PollAnswer(
    BuildSnapshot? Snapshot = null, Exception? Error = null, BuildRunnerException? CancelRefusal = null);
