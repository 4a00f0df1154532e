namespace BuildRunner.Orchestration;

/// <summary>Decides whether a build that would end is tried again. Its end is not saved then, so an end that is saved is the
/// verdict.</summary>
internal static class AttemptDecision
{
    /// <param name="reading">The build before the step.</param>
    /// <param name="step">The step.</param>
    /// <param name="options">The options of the runner.</param>
    public static Step Decide(BuildReading reading, Step step, BuildRunnerOptions options)
    {
        if (reading.Build is not { } before || before.Status.IsTerminal()
            || step.Changed is not { Status: BuildStatus.Failed or BuildStatus.Cancelled } ended)
        {
            return step;
        }

        var retry = ended.Policy.Retry ?? options.Retry;
        if (ended.Attempt >= retry.MaxAttempts || KindOf(reading, ended) is not { } kind || (retry.Kinds & kind) == 0)
        {
            return step;
        }

        // The delay is partly random, so that the attempts after an outage are no herd.
        var (now, notBefore) = (reading.Now, reading.Now + RunnerTimes.AttemptDelay(retry, ended.Attempt));
        if (notBefore >= ended.Deadline)
        {
            return step;
        }

        var (name, controls) = (DocumentNames.OfBudget(ended.Runner, ended.OwnerId), DocumentNames.OfRunner(ended.Runner));
        if (!reading.Documents.TryGetValue(name, out var document) || reading.Control() is not { } control)
        {
            return Step.Need(name, controls);
        }

        var (budget, limit) = (RetryBudget.Read(document), options.Retry.BudgetPerHour);
        return budget.SpentAt(now) >= limit
            ? step.OverBudget(ended.NotTriedAgain(limit))
            : Step.Save(ended.NextAttempt(kind, notBefore, control.HeldAt(now)), Outcome.Done) with
            {
                Document = budget.Spend(name, document, now),
                Retries = kind,
                IsAbandoned = step.IsAbandoned,
            };
    }

    /// <summary>Gets the kind of failure, or null if the build was cancelled here, has succeeded, or would fail again.</summary>
    private static RetryKinds? KindOf(BuildReading reading, Build ended)
    {
        var isPending = ended is { CancelCause: BuildCancelCause.Deadline, Bookkeeping.TimeoutOf: TimeoutOf.Pending };
        if (ended.IsCancelledForGood() || IsGivenUp(ended, reading.Now))
        {
            return null;
        }

        ended.Metadata.TryGetValue(BuildMetadataKeys.FailureKind, out var kind);
        return (ended.Status, kind) switch
        {
            (BuildStatus.Cancelled, _) => RetryKinds.Cancelled,
            (_, BuildFailureKinds.Timeout) => isPending ? RetryKinds.PendingTimeout : null,
            (_, BuildFailureKinds.Infra) => RetryKinds.Infra,
            (_, BuildFailureKinds.Code or null) => RetryKinds.Code,
            _ => null,
        };
    }

    // It may run on.
    private static bool IsGivenUp(Build ended, DateTimeOffset now) =>
        now >= (ended.Bookkeeping.LastCallEndsAt ?? ended.Bookkeeping.GraceEndsAt);
}
