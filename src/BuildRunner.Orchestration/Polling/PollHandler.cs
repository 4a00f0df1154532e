namespace BuildRunner.Orchestration;

/// <summary>Polls a build until it has ended. It postpones its message instead of publishing another, so the loop depends on that message
/// only. A signal is a second message, which ends with its poll.</summary>
internal sealed class PollHandler(
    BuildUpdater updater,
    RunnerClients clients,
    IPublisher publisher,
    BuildTelemetry telemetry,
    TimeProvider timeProvider) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        var reading = await updater.ReadAsync(delivery, cancellationToken).ConfigureAwait(false);
        if (reading is not { Build: { RemoteId: not null } build } || !BuildMessages.IsOfAttempt(delivery, build)
            || (build.Status.IsTerminal() && !IsTold(build, reading.Now)))
        {
            return Outcome.Done;
        }

        var client = clients.Get(build.Runner);
        var isCancelled = build.CancelCause != BuildCancelCause.None;
        var isSignal = BuildMessages.IsSignal(delivery);
        var calls = isSignal ? 1 : client.CallsOfPoll;
        using var turn = await client.Turns.EnterAsync(reading, RunnerCalls.Reads, isCancelled ? 0 : calls, cancellationToken)
            .ConfigureAwait(false);
        if (turn.Wait is { } wait && (!isCancelled || build.Bookkeeping.NotBefore > reading.Now))
        {
            return wait;
        }

        BuildRunnerException? refusal = null;
        if (isCancelled)
        {
            // It has its own turn, because it goes out even if polls are held back. The turn includes the poll after it.
            using var cancel = await client.Turns.EnterAsync(reading, RunnerCalls.Writes, 1 + calls, cancellationToken)
                .ConfigureAwait(false);
            if (cancel.Wait is { } later)
            {
                return later;
            }

            refusal = await CancelAsync(build, client, cancellationToken).ConfigureAwait(false);
            if (build.Status.IsTerminal())
            {
                return refusal is null ? Outcome.Done : await updater.FailAsync(reading, client.Options, refusal).ConfigureAwait(false);
            }
        }

        PollAnswer answer = new(build.Attempt, Error: refusal);
        if (turn.Wait is null)
        {
            telemetry.Polled(client.Name, reading.Now - delivery.DueAt + timeProvider.GetElapsedTime(start));

            // Each signal that this message stands for came before it was handled: after one that comes later it is handled once more.
            TimeSpan? maxAge = isSignal ? timeProvider.GetElapsedTime(start) : null;
            answer = await AskAsync(build, client, refusal, maxAge, cancellationToken).ConfigureAwait(false);
        }

        // A cancel without a poll may have been lost, so it is sent again as soon as after a poll.
        var outcome = turn.Wait is { } heldBack && refusal is null
            ? Sooner(heldBack, Outcome.Postpone(RunnerTimes.PollDelay(client.Options, BuildStatus.Running, hint: null)))
            : await SaveAsync(reading, answer, client.Options).ConfigureAwait(false);
        if (!isSignal || outcome.Kind != OutcomeKind.Postpone)
        {
            return outcome;
        }

        // A service may signal a change before it shows it.
        var hasAnswered = turn.Wait is null && answer.Error is null;
        TimeSpan? pause = hasAnswered ? (client.Freshness is { } freshness ? RunnerTimes.Later(freshness) : null) : outcome.Delay;
        if (pause is { } delay)
        {
            // A build is polled by one message alone, and by then no read from before the signal is fresh any more.
            var poll = reading.Messages.PollOf(build, client.Freshness > delay ? client.Freshness.Value : delay);
            await publisher.PublishAfterAsync(poll.Topic, poll.Message, poll.Delay, cancellationToken).ConfigureAwait(false);
        }

        return Outcome.Done;
    }

    // The grace was over before the runner said that it had stopped: it is told once more, and not asked. It is not waited for its turn
    // without end.
    private static bool IsTold(Build build, DateTimeOffset now) => build.IsGivenUp() && now <= RunnerTimes.AftercareEndsAt(build);

    private static Outcome Sooner(Outcome first, Outcome second) => first.Delay < second.Delay ? first : second;

    private static async Task<PollAnswer> AskAsync(
        Build build,
        RunnerClient client,
        BuildRunnerException? refusal,
        TimeSpan? maxAge,
        CancellationToken cancellationToken)
    {
        try
        {
            var snapshot = await client.StatusAsync(build.Id, build.RemoteId!.Value, maxAge, cancellationToken).ConfigureAwait(false);
            return new(build.Attempt, snapshot, CancelRefusal: refusal);
        }
        catch (BuildNotFoundException)
        {
            return new(build.Attempt, CancelRefusal: refusal);
        }
        catch (Exception exception)
            when (exception is BuildRunnerException or TimeoutException || !cancellationToken.IsCancellationRequested)
        {
            return new(build.Attempt, Error: exception);
        }
    }

    /// <summary>Sends the cancel, as each poll does until the build has ended. Its errors do not fail the poll.</summary>
    /// <returns>The error, if the runner asks for a pause or its setup is at fault.</returns>
    private static async Task<BuildRunnerException?> CancelAsync(Build build, RunnerClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CancelAsync(build.Id, build.RemoteId!.Value, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return exception is BuildRunnerConfigurationException or BuildRunnerException { RetryAfter.Ticks: > 0 }
                ? (BuildRunnerException)exception
                : null;
        }
    }

    // An answer is saved even while the process stops.
    private async Task<Outcome> SaveAsync(BuildReading reading, PollAnswer answer, BuildRunnerOptions options) =>
        (await updater.UpdateAsync(reading, it => PollDecision.Decide(it, answer, options)).ConfigureAwait(false)).Outcome!;
}
