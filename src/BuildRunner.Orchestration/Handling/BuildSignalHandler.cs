using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Handling;

/// <summary>
/// Polls a build until it has ended. It postpones its message and never publishes it, so that the loop's life depends on nothing but that
/// message. A signal is a message beside it, which ends with the poll that it has caused.
/// </summary>
internal sealed class BuildSignalHandler(
    BuildRecords records,
    RunnerClients clients,
    BuildTriggers triggers,
    IPublisher publisher,
    BuildTelemetry telemetry,
    TimeProvider timeProvider) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        if (await records.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { BuildId: { } buildId } build } reading || (build.Status.IsTerminal() && !IsTold(build, reading.Now)))
        {
            return Outcome.Done;
        }

        var client = clients.Get(build.Runner);
        var isCancelled = build.CancelCause != BuildCancelCause.None;
        var messages = BuildMessages.In(delivery);
        var isHastened = BuildMessages.IsHastened(delivery);
        var calls = isHastened ? 1 : client.CallsOfPoll;
        using var turn = await client.EnterAsync(reading, RunnerCalls.Reads, isCancelled ? 0 : calls, cancellationToken).ConfigureAwait(false);
        if (turn.Wait is { } wait && (!isCancelled || build.NotBefore > reading.Now))
        {
            return wait;
        }

        BuildRunnerException? refusal = null;
        if (isCancelled)
        {
            // It has a turn of its own, because it goes out also where polls are held back. The poll that follows is paid for as well.
            using var cancel = await client.EnterAsync(reading, RunnerCalls.Writes, 1 + calls, cancellationToken).ConfigureAwait(false);
            if (cancel.Wait is { } later)
            {
                return later;
            }

            refusal = await CancelAsync(build.Id, buildId, client, cancellationToken).ConfigureAwait(false);
            if (build.Status.IsTerminal())
            {
                return refusal is BuildRunnerConfigurationException ? triggers.PutOff(build, client, refusal) : Outcome.Done;
            }
        }

        if (turn.Wait is { } heldBack)
        {
            // The cancel may have been lost, so it is sent again as soon as if the build had been polled.
            var pause = refusal is null
                ? Sooner(heldBack, Outcome.Postpone(RunnerTimes.PollDelay(client.Options, BuildStatus.Running, hint: null)))
                : await triggers.PostponeAsync(build.Id, client, refusal, messages).ConfigureAwait(false);
            return isHastened ? await LeaveAsync(build, client, pause, messages, cancellationToken).ConfigureAwait(false) : pause;
        }

        telemetry.Polled(client.Name, reading.Now - delivery.DueAt + timeProvider.GetElapsedTime(start));

        // Each signal that this message stands for came before it was handled: after one that comes later it is handled once more.
        TimeSpan? maxAge = isHastened ? timeProvider.GetElapsedTime(start) : null;
        return await PollAsync(build, buildId, client, refusal, maxAge, messages, cancellationToken).ConfigureAwait(false);
    }

    // The grace was over before the runner said that it had stopped: it is told once more, and not asked. It is not waited for its turn without end.
    private static bool IsTold(Build build, DateTimeOffset now) => build.IsGivenUp() && now <= RunnerTimes.AftercareEndsAt(build);

    private async Task<Outcome> PollAsync(
        Build build,
        BuildId buildId,
        RunnerClient client,
        BuildRunnerException? refusal,
        TimeSpan? maxAge,
        BuildMessages messages,
        CancellationToken cancellationToken)
    {
        BuildSnapshot? snapshot;
        try
        {
            snapshot = await client.StatusAsync(build.Id, buildId, maxAge, cancellationToken).ConfigureAwait(false);
        }
        catch (BuildNotFoundException)
        {
            snapshot = null;
        }
        catch (Exception exception) when (exception is BuildRunnerException or TimeoutException || !cancellationToken.IsCancellationRequested)
        {
            var pause = await triggers.PostponeAsync(build.Id, client, exception, messages).ConfigureAwait(false);
            return maxAge is null ? pause : await LeaveAsync(build, client, pause, messages, cancellationToken).ConfigureAwait(false);
        }

        var outcome = await NoteAsync(build, client, snapshot, refusal, messages).ConfigureAwait(false);
        if (maxAge is null || outcome.Kind != OutcomeKind.Postpone)
        {
            return outcome;
        }

        // A service may send its signal before it shows what has changed.
        return client.Freshness is { } freshness
            ? await LeaveAsync(build, client, Outcome.Postpone(RunnerTimes.Later(freshness)), messages, cancellationToken).ConfigureAwait(false)
            : Outcome.Done;
    }

    /// <summary>Ends a signal, and has the message that polls come when it would have: it is polled by one message alone.</summary>
    private async Task<Outcome> LeaveAsync(Build build, RunnerClient client, Outcome pause, BuildMessages messages, CancellationToken cancellationToken)
    {
        if (pause.Kind == OutcomeKind.Postpone)
        {
            // By then no read from before the signal is fresh any more.
            var again = messages.SignalOf(build, client.Freshness is { } freshness && freshness > pause.Delay ? freshness : pause.Delay);
            await publisher.PublishAfterAsync(again.Topic, again.Message, again.Delay, cancellationToken).ConfigureAwait(false);
        }

        return Outcome.Done;
    }

    private static Outcome Sooner(Outcome first, Outcome second) => first.Delay < second.Delay ? first : second;

    private async Task<Outcome> NoteAsync(
        Build build,
        RunnerClient client,
        BuildSnapshot? snapshot,
        BuildRunnerException? refusal,
        BuildMessages messages)
    {
        if (refusal is not null)
        {
            return await triggers.PostponeAsync(build.Id, client, refusal, (it, now) => snapshot is null ? Missed(it, now, client) : it.Seen(snapshot), messages).ConfigureAwait(false);
        }

        // Most polls find nothing new, and cost one read.
        return snapshot is null
            ? await MissAsync(build.Id, client, messages).ConfigureAwait(false)
            : build.Seen(snapshot) == build
                ? Next(build, client, snapshot)
                : await SaveAsync(build.Id, client, snapshot, messages).ConfigureAwait(false);
    }

    /// <summary>Sends the cancel, as each poll does until the build has ended. An error in it is none of the poll.</summary>
    /// <returns>The error, if the runner asks to be left alone for a time or its setup is at fault.</returns>
    private static async Task<BuildRunnerException?> CancelAsync(Guid id, BuildId buildId, RunnerClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.CancelAsync(id, buildId, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            if (exception is BuildRunnerConfigurationException fault)
            {
                return fault;
            }

            return exception is BuildRunnerException { RetryAfter.Ticks: > 0 } refusal ? refusal : null;
        }
    }

    private async Task<Outcome> SaveAsync(Guid id, RunnerClient client, BuildSnapshot snapshot, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var seen = build.Seen(snapshot);
            if (seen == build || await records.TrySaveAsync(reading, seen, messages, next: null, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                return seen.Status.IsTerminal() ? Outcome.Done : Next(seen, client, snapshot);
            }
        }
    }

    private Outcome Next(Build build, RunnerClient client, BuildSnapshot snapshot)
    {
        telemetry.Postponed(client.Name, "poll");
        return Outcome.Postpone(RunnerTimes.PollDelay(client.Options, build.Status, snapshot.PollAfter));
    }

    // It may not be visible yet, or be on another node: it is believed when it is said for long.
    private static Build Missed(Build build, DateTimeOffset now, RunnerClient client)
    {
        var since = build.MissingSince ?? now;
        return (now - since >= client.Options.MissingGrace, build.CancelCause) switch
        {
            (false, _) => build.Missing(since),
            (true, BuildCancelCause.None) => build.Failed(BuildFailureKinds.Infra, $"The runner does not know the build '{build.BuildId}' any more."),
            _ => build.Cancelled(),
        };
    }

    private async Task<Outcome> MissAsync(Guid id, RunnerClient client, BuildMessages messages)
    {
        while (true)
        {
            var reading = await records.ReadAsync(id, CancellationToken.None).ConfigureAwait(false);
            if (reading.Build is not { } build || build.Status.IsTerminal())
            {
                return Outcome.Done;
            }

            var changed = Missed(build, reading.Now, client);
            if (changed == build || await records.TrySaveAsync(reading, changed, messages, next: null, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                if (changed.Status.IsTerminal())
                {
                    return Outcome.Done;
                }

                telemetry.Postponed(client.Name, "missing");
                return Outcome.Postpone(RunnerTimes.PollDelay(client.Options, build.Status, hint: null));
            }
        }
    }
}
