namespace BuildRunner.Orchestration;

/// <summary>Ends builds whose message became a dead letter, because nothing else would.</summary>
internal sealed class DeadLetterHandler(
    BuildUpdater updater,
    RunnerClients clients,
    TriggerAnswers answers,
    BuildTelemetry telemetry,
    HarmlessLogger<DeadLetterHandler> logger) : IMessageHandler
{
    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        if (BuildMessages.IsSignal(delivery))
        {
            // The build has another message that polls it.
            return Outcome.Done;
        }

        await answers.SaveAllAsync(delivery).ConfigureAwait(false);
        if (await updater.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { } read } reading
            || read.Status.IsTerminal() || !BuildMessages.IsOfAttempt(delivery, read))
        {
            return Outcome.Done;
        }

        if (read.RemoteId is { } polled && await AskAsync(reading, polled, cancellationToken).ConfigureAwait(false) is { } answered)
        {
            return answered;
        }

        var options = clients.OptionsOf(read.Runner);
        var begun = await updater.UpdateAsync(reading, it => DeadLetterDecision.Begin(it, read.Attempt, options), cancellationToken)
            .ConfigureAwait(false);
        if (begun.Outcome is { } decided)
        {
            return decided;
        }

        var build = begun.Build!;
        var client = clients.Get(build.Runner);

        // The runner is not called about a build that it cannot know.
        var isLookedUp = build.RemoteId is null && build.Bookkeeping.TriggerAttemptedAt is not null && client.CanFind;
        var kinds = isLookedUp ? RunnerCalls.Reads | RunnerCalls.Writes : RunnerCalls.Writes;
        using var turn = isLookedUp || build.RemoteId is not null
            ? await client.Turns.EnterAsync(begun.Reading, kinds, calls: 2, cancellationToken).ConfigureAwait(false)
            : default;
        if (turn.Wait is { } wait)
        {
            return wait;
        }

        try
        {
            build = isLookedUp
                ? build with { RemoteId = await client.FindAsync(build, cancellationToken).ConfigureAwait(false) }
                : build;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // An unknown remote build would run on. If the look-up keeps failing, the deadline ends the build.
            return await updater.FailAsync(begun.Reading, client.Options, exception).ConfigureAwait(false);
        }

        var topic = delivery.DeadLetterCause?.Topic ?? delivery.Topic;
        var reason = delivery.DeadLetterCause?.Failure.Reason ?? "the reason is not known.";
        var remote = await StopAsync(build, client, cancellationToken).ConfigureAwait(false);
        var note = $"A message of '{topic}' became a dead letter: {reason} {remote}".TrimEnd();
        var ended = await updater.UpdateAsync(begun.Reading, it => DeadLetterDecision.End(it, build, note), cancellationToken)
            .ConfigureAwait(false);
        if (ended.IsSaved)
        {
            telemetry.DeadLettered(build.Runner);
            Log.EndedByDeadLetter(logger, build.Id, topic, reason);
        }

        return ended.Outcome!;
    }

    // It may have ended while its message failed, and then ends as a poll would end it. It is asked before the cause is saved, because what
    // is cancelled is not tried again; and once, because the build must end whatever the runner answers. Null if it says nothing of an end.
    private async Task<Outcome?> AskAsync(BuildReading reading, BuildId remoteId, CancellationToken cancellationToken)
    {
        var build = reading.Build!;
        var client = clients.Get(build.Runner);

        // Without a turn to cancel, the build does not end yet, and can be asked later.
        using (var writes = await client.Turns.EnterAsync(reading, RunnerCalls.Writes, client.CallsOfPoll, cancellationToken)
            .ConfigureAwait(false))
        {
            if (writes.Wait is { } wait)
            {
                return wait;
            }
        }

        using var turn = await client.Turns.EnterAsync(reading, RunnerCalls.Reads, calls: 0, cancellationToken).ConfigureAwait(false);
        if (turn.Wait is not null)
        {
            Log.DeadLetterNotAsked(logger, client.Name, build.Id, exception: null);
            return null;
        }

        BuildSnapshot snapshot;
        try
        {
            snapshot = await client.StatusAsync(build.Id, remoteId, maxAge: null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.DeadLetterNotAsked(logger, client.Name, build.Id, exception);
            return null;
        }

        PollAnswer answer = new(build.Attempt, snapshot);
        var asked = await updater.UpdateAsync(
            reading, it => DeadLetterDecision.Ask(it, answer, client.Options), CancellationToken.None).ConfigureAwait(false);
        return asked.Outcome;
    }

    // Once: the build ends whatever the runner answers.
    private async Task<string> StopAsync(Build build, RunnerClient client, CancellationToken cancellationToken)
    {
        if (build.RemoteId is not { } remoteId)
        {
            return build.Bookkeeping.TriggerAttemptedAt is null || client.CanFind
                ? ""
                : "The runner may have created a build that is not known here.";
        }

        try
        {
            await client.CancelAsync(build.Id, remoteId, cancellationToken).ConfigureAwait(false);
            return $"'{remoteId}' was cancelled.";
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.CancelFailed(logger, client.Name, build.Id, remoteId, exception.Message);
            return $"'{remoteId}' could not be cancelled and may run on.";
        }
    }
}
