namespace BuildRunner.Orchestration;

/// <summary>Triggers a build once. Its remote id is saved with the message that polls it.</summary>
internal sealed class TriggerHandler(
    BuildUpdater updater,
    RunnerClients clients,
    TriggerCalls calls,
    TriggerAnswers answers,
    RunnerControls controls,
    HarmlessLogger<TriggerHandler> logger) : IMessageHandler
{
    private const int MaxLookUps = 5;
    private const RunnerCalls LookUp = RunnerCalls.Reads | RunnerCalls.Writes;

    public async Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        await answers.SaveAllAsync(delivery).ConfigureAwait(false);
        if (await updater.ReadAsync(delivery, cancellationToken).ConfigureAwait(false) is not { Build: { RemoteId: null } build } reading
            || !BuildMessages.IsOfAttempt(delivery, build))
        {
            return Outcome.Done;
        }

        var client = clients.Get(build.Runner);
        if (build.Status.IsTerminal())
        {
            return await LookAgainAsync(reading, client, delivery.Attempt, cancellationToken).ConfigureAwait(false);
        }

        var begun = await updater.UpdateAsync(controls.Presume(reading), it => TriggerDecision.Begin(it, client), cancellationToken)
            .ConfigureAwait(false);
        if (begun.Outcome is { } decided)
        {
            if (begun is { IsSaved: true, Step.IsAbandoned: true })
            {
                Log.OutcomeUnknown(logger, client.Name, build.Id);
            }

            return decided;
        }

        var isMarked = begun.Build!.Bookkeeping.TriggerAttemptedAt is not null;
        var (kinds, count) = isMarked ? (LookUp, 2) : (RunnerCalls.Writes, 1);
        using var turn = await client.Turns.EnterAsync(begun.Reading, kinds, count, cancellationToken).ConfigureAwait(false);
        return turn.Wait
            ?? (isMarked ? await FindAsync(begun.Reading, client, cancellationToken).ConfigureAwait(false) : null)
            ?? await calls.TriggerAsync(begun.Reading, client, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks up the outcome of a trigger with an unknown answer. Null if it created nothing.</summary>
    private async Task<Outcome?> FindAsync(BuildReading reading, RunnerClient client, CancellationToken cancellationToken)
    {
        BuildId? found;
        try
        {
            found = await client.FindAsync(reading.Build!, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return await updater.FailAsync(reading, client.Options, exception).ConfigureAwait(false);
        }

        return found is { } remoteId ? await answers.SaveAsync(new(reading, client, remoteId)).ConfigureAwait(false) : null;
    }

    // The grace was over before it was known whether the runner has created something, which is then cancelled and named. A failure is
    // tried again a few times, and not for ever; the note says already that one may run on.
    private async Task<Outcome> LookAgainAsync(BuildReading reading, RunnerClient client, int attempt, CancellationToken cancellationToken)
    {
        var build = reading.Build!;

        // Each wait for a turn restarts the attempts, so their time is limited as well.
        if (build.Bookkeeping.TriggerAttemptedAt is null || !build.IsGivenUp() || !client.CanFind
            || attempt > MaxLookUps || reading.Now > RunnerTimes.AftercareEndsAt(build))
        {
            return Outcome.Done;
        }

        using var turn = await client.Turns.EnterAsync(reading, LookUp, calls: 2, cancellationToken).ConfigureAwait(false);
        if (turn.Wait is { } wait)
        {
            return wait;
        }

        try
        {
            return await client.FindAsync(build, cancellationToken).ConfigureAwait(false) is { } remoteId
                ? await answers.SaveAsync(new(reading, client, remoteId)).ConfigureAwait(false)
                : Outcome.Done;
        }
        catch (BuildRunnerConfigurationException exception)
        {
            return await updater.FailAsync(reading, client.Options, exception).ConfigureAwait(false);
        }
    }
}
