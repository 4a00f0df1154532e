namespace BuildRunner.Orchestration;

/// <summary>Saves decisions about builds, in the only compare-and-set loop. It alone publishes changes.</summary>
internal sealed class BuildUpdater(
    IBuildStore store,
    BuildEnds ends,
    BuildTelemetry telemetry,
    RunnerClients clients,
    DocumentTurns turns,
    HarmlessLogger<BuildUpdater> logger,
    TimeProvider timeProvider)
{
    public async Task<BuildReading> ReadAsync(Guid id, BuildMessages messages, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        var reading = await store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        return reading with { Messages = messages, ReadAt = timeProvider.GetTimestamp(), Took = timeProvider.GetElapsedTime(start) };
    }

    public async Task<BuildReading?> ReadAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        // Other topics may have the id of a message behind that of the build.
        var text = delivery.Message.Id.AsSpan();
        var slash = text.IndexOf('/');
        if (Guid.TryParse(slash < 0 ? text : text[..slash], out var id))
        {
            return await ReadAsync(id, BuildMessages.In(delivery), cancellationToken).ConfigureAwait(false);
        }

        Log.ForeignMessage(logger, delivery.Topic, delivery.Message.Id);
        return null;
    }

    /// <summary>Reads documents in addition to what was read.</summary>
    public async Task<BuildReading> WithAsync(BuildReading reading, IReadOnlyList<string> documents, CancellationToken cancellationToken)
    {
        var found = await store.ReadDocumentsAsync(documents, cancellationToken).ConfigureAwait(false);
        var all = new Dictionary<string, BuildDocument?>(reading.Documents, StringComparer.Ordinal);
        foreach (var name in documents)
        {
            all[name] = found.Documents.FirstOrDefault(document => document.Name == name);
        }

        return AsOfNow(reading) with { Documents = all };
    }

    /// <summary>Decides about a build and saves it. On a conflict, reads and decides again.</summary>
    /// <param name="reading">The build as last read or saved, which may be stale.</param>
    /// <param name="decide">The decision. It has no side effects and may run several times.</param>
    /// <param name="cancellationToken">The token of reads and saves. Answers of runners are saved without one.</param>
    public async Task<Update> UpdateAsync(
        BuildReading reading,
        Func<BuildReading, Step> decide,
        CancellationToken cancellationToken = default)
    {
        var current = AsOfNow(reading);
        DocumentTurns.Lease? turn = null;
        try
        {
            while (true)
            {
                var step = Decide(current, decide);
                if (step.Needs is { } documents)
                {
                    current = await WithAsync(current, documents, cancellationToken).ConfigureAwait(false);
                    continue;
                }

                if (step.Changed is not { } changed || (changed == current.Build && step.Document is null))
                {
                    return Note(new Update(current, step, IsSaved: false));
                }

                if (step.Document is { } document && turn is null)
                {
                    turn = await turns.EnterAsync(document.Name, cancellationToken).ConfigureAwait(false);
                    if (turn.HasWaited)
                    {
                        current = await ReadAgainAsync(current, cancellationToken).ConfigureAwait(false);
                        continue;
                    }
                }

                if (await TrySaveAsync(current, changed, step, cancellationToken).ConfigureAwait(false) is { } saved)
                {
                    return Note(new Update(saved, step, IsSaved: true));
                }

                current = await ReadAgainAsync(current, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            turn?.Dispose();
        }
    }

    private Step Decide(BuildReading reading, Func<BuildReading, Step> decide)
    {
        var step = decide(reading);
        return step.Changed is { } changed ? AttemptDecision.Decide(reading, step, clients.OptionsOf(changed.Runner)) : step;
    }

    private async Task<BuildReading> ReadAgainAsync(BuildReading reading, CancellationToken cancellationToken)
    {
        var current = await ReadAsync(reading.Build!.Id, reading.Messages, cancellationToken).ConfigureAwait(false);
        return reading.Documents.Count == 0
            ? current
            : await WithAsync(current, [.. reading.Documents.Keys], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Saves that a poll or a look-up has failed, even while the process stops.</summary>
    public async Task<Outcome> FailAsync(BuildReading reading, BuildRunnerOptions options, Exception exception)
    {
        var attempt = reading.Build!.Attempt;
        return (await UpdateAsync(reading, it => FailedCallDecision.Decide(it, attempt, options, exception)).ConfigureAwait(false))
            .Outcome!;
    }

    // The store's clock advances during a call; no read is needed for that.
    private BuildReading AsOfNow(BuildReading reading)
    {
        var passed = TimeSpan.FromMilliseconds(Math.Floor(timeProvider.GetElapsedTime(reading.ReadAt).TotalMilliseconds));
        return reading with { Now = reading.Now + passed, ReadAt = timeProvider.GetTimestamp() };
    }

    private async Task<BuildReading?> TrySaveAsync(
        BuildReading reading, Build changed, Step step, CancellationToken cancellationToken)
    {
        var before = reading.Build!;
        var after = changed with
        {
            Version = before.Version + 1,
            UpdatedAt = IsSeen(before, changed) ? reading.Now : before.UpdatedAt,
            AcceptedAt = changed.AcceptedAt ?? (changed.RemoteId is not null ? reading.Now : null),
            StartedAt = changed.StartedAt ?? (changed.Status == BuildStatus.Running ? reading.Now : null),
            EndedAt = before.EndedAt ?? (changed.Status.IsTerminal() ? reading.Now : null),
        };
        List<OutgoingMessage> outgoing = step.Hastens ? [reading.Messages.NextOf(after)] : [];
        if (before.Attempt != after.Attempt)
        {
            outgoing.Add(reading.Messages.TriggerOf(after, (after.Bookkeeping.NotBefore ?? reading.Now) - reading.Now));
        }

        if (before.Status != after.Status || before.RemoteId != after.RemoteId || before.Attempt != after.Attempt)
        {
            outgoing.Add(reading.Messages.ChangeOf(after));
        }

        if (BeginsLimit(before, after) && BuildLimits.Next(after, TimeSpan.Zero, clients.OptionsOf(after.Runner)) is { } limit
            && limit.Of != TimeoutOf.Total)
        {
            outgoing.Add(reading.Messages.DeadlineOf(after, limit.At - reading.Now));
        }

        var isSaved = step.Document is { } document
            ? store.TryCommitAsync(new() { Documents = [document], Updated = [after], Messages = outgoing }, cancellationToken)
            : store.TryUpdateAsync(after, outgoing, cancellationToken);
        if (!await isSaved.ConfigureAwait(false))
        {
            return null;
        }

        if (after.Status.IsTerminal())
        {
            ends.Note(after.Id);
        }

        telemetry.Changed(before, after);
        return step.Document is { } kept
            ? reading with
            {
                Build = after,
                Documents = new Dictionary<string, BuildDocument?>(reading.Documents, StringComparer.Ordinal) { [kept.Name] = kept },
            }
            : reading with { Build = after };
    }

    private Update Note(Update update)
    {
        if (update is { Build: { } build, Step.Reason: { } reason, Outcome: { } outcome })
        {
            telemetry.Postponed(build.Runner, reason);
            if (reason == FailedCallDecision.Configuration)
            {
                Log.WaitsForSetup(logger, build.Id, build.Runner, outcome.Delay);
            }
        }

        if (update is { IsSaved: true, Build: { } saved })
        {
            NoteAttempt(saved, update.Step);
        }

        return update;
    }

    private void NoteAttempt(Build build, Step step)
    {
        if (step.Retries is { } kind)
        {
            var name = AttemptTransitions.NameOf(kind);
            telemetry.Retried(build.Runner, name);
            Log.TriedAgain(logger, build.Id, build.Runner, build.Attempt - 1, name, build.Bookkeeping.NotBefore);
        }
        else if (step.IsOverBudget)
        {
            telemetry.OverBudget(build.Runner);
            Log.OverBudget(logger, build.Id, build.Runner);
        }
    }

    private static bool BeginsLimit(Build before, Build after) => !after.Status.IsTerminal() && after.Bookkeeping.GraceEndsAt is null
        && (before.AcceptedAt != after.AcceptedAt || before.StartedAt != after.StartedAt);

    private static bool IsSeen(Build before, Build after) =>
        before.Status != after.Status || before.RemoteId != after.RemoteId || before.Attempt != after.Attempt
        || before.CancelCause != after.CancelCause || before.Note != after.Note || !before.Metadata.Equals(after.Metadata);
}
