namespace BuildRunner.Orchestration;

/// <summary>Saves decisions about builds, in the only compare-and-set loop. It alone publishes changes.</summary>
internal sealed class BuildUpdater(
    IBuildStore store,
    BuildEnds ends,
    BuildTelemetry telemetry,
    RunnerClients clients,
    DocumentTurns turns,
    RunnerControls controls,
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
        if (BuildMessages.TryGetBuild(delivery, out var id))
        {
            return await ReadAsync(id, BuildMessages.In(delivery), cancellationToken).ConfigureAwait(false);
        }

        Log.ForeignMessage(logger, delivery.Topic, delivery.Message.Id);
        return null;
    }

    /// <summary>Reads documents in addition to what was read.</summary>
    public async Task<BuildReading> WithAsync(BuildReading reading, IReadOnlyList<string> documents, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(documents, cancellationToken).ConfigureAwait(false);
        var all = new Dictionary<string, BuildDocument?>(reading.Documents, StringComparer.Ordinal);
        foreach (var (name, document) in found)
        {
            all[name] = document;
        }

        return AsOfNow(reading) with { Documents = all };
    }

    /// <summary>Reads documents: null for those that do not exist.</summary>
    public async Task<IReadOnlyDictionary<string, BuildDocument?>> ReadAsync(
        IReadOnlyList<string> documents, CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        var found = await store.ReadDocumentsAsync(documents, cancellationToken).ConfigureAwait(false);
        var all = documents.ToDictionary(
            static name => name, name => found.Documents.FirstOrDefault(document => document.Name == name), StringComparer.Ordinal);
        foreach (var (name, document) in all)
        {
            controls.Note(name, document, start);
        }

        return all;
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
        Dictionary<string, DocumentTurns.Lease> leases = [];
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

                if (step.Changed is not { } changed || (changed == current.Build && step is { Document: null, Line: null }))
                {
                    return Note(new Update(current, step, IsSaved: false));
                }

                if (await EnterAsync(step, leases, cancellationToken).ConfigureAwait(false))
                {
                    current = await ReadAgainAsync(current, cancellationToken).ConfigureAwait(false);
                    continue;
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
            Leave(leases);
        }
    }

    /// <summary>Takes the turns of the documents that a step saves. All steps take them in the same order.</summary>
    /// <returns>Whether a document may have changed meanwhile.</returns>
    private async Task<bool> EnterAsync(Step step, Dictionary<string, DocumentTurns.Lease> leases, CancellationToken cancellationToken)
    {
        List<string> names = [.. DocumentsOf(step).Select(static document => document.Name)];
        if (names.TrueForAll(leases.ContainsKey))
        {
            return false;
        }

        var hasWaited = leases.Count > 0;
        Leave(leases);
        foreach (var name in names)
        {
            leases.Add(name, await turns.EnterAsync(name, cancellationToken).ConfigureAwait(false));
            hasWaited |= leases[name].HasWaited;
        }

        return hasWaited;
    }

    private static void Leave(Dictionary<string, DocumentTurns.Lease> leases)
    {
        foreach (var lease in leases.Values)
        {
            lease.Dispose();
        }

        leases.Clear();
    }

    private static IEnumerable<BuildDocument> DocumentsOf(Step step) =>
        new[] { step.Document, step.Line }.OfType<BuildDocument>().OrderBy(static document => document.Name, StringComparer.Ordinal);

    private Step Decide(BuildReading reading, Func<BuildReading, Step> decide)
    {
        var step = decide(reading);
        if (step.Changed is not { } changed)
        {
            return step;
        }

        var options = clients.OptionsOf(changed.Runner);
        return SlotRules.Of(reading, step, AttemptDecision.Decide(reading, step, options), options);
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
        var next = BuildChanges.Next(before, changed, reading.Now);
        var after = next.WithoutHistory();
        List<OutgoingMessage> outgoing = step.Hastens ? [reading.Messages.NextOf(after)] : [];
        if (before.Attempt != after.Attempt)
        {
            outgoing.Add(reading.Messages.TriggerOf(after, (after.Bookkeeping.NotBefore ?? reading.Now) - reading.Now));
        }

        if (before.Status != after.Status || before.RemoteId != after.RemoteId || before.Attempt != after.Attempt)
        {
            outgoing.Add(reading.Messages.ChangeOf(after));
        }

        if (after is { EndedAt: not null, GroupKey: { } group } && before.EndedAt is null)
        {
            outgoing.Add(reading.Messages.GroupOf(group));
        }

        if (SlotRules.LetsIn(before, after, !clients.Has(after.Runner) || clients.OptionsOf(after.Runner).IsLimited()))
        {
            outgoing.Add(BuildMessages.DispatchOf(after.Runner));
        }

        if (BeginsLimit(before, after) && BuildLimits.Next(after, TimeSpan.Zero, clients.OptionsOf(after.Runner)) is { } limit
            && limit.Of != TimeoutOf.Total)
        {
            outgoing.Add(reading.Messages.DeadlineOf(after, limit.At - reading.Now));
        }

        // During a hold, the deadline handler may have postponed its message past the new deadline.
        if (before.Deadline != after.Deadline)
        {
            outgoing.Add(reading.Messages.DeadlineOf(after, after.Deadline - reading.Now));
        }

        IReadOnlyList<BuildDocument> documents = [.. DocumentsOf(step)];
        var guard = step.DependsOn is { } name ? new DocumentGuard(name, reading.Documents[name]?.Version ?? 0) : null;
        BuildCommit commit = new() { Documents = documents, Updated = [next], Guard = guard, Messages = outgoing };
        var isSaved = documents.Count > 0 ? store.TryCommitAsync(commit, cancellationToken)
            : guard is not null ? store.TryUpdateAsync(next, outgoing, guard, cancellationToken)
            : store.TryUpdateAsync(next, outgoing, cancellationToken);
        if (!await isSaved.ConfigureAwait(false))
        {
            return null;
        }

        if (after.Status.IsTerminal())
        {
            ends.Note(after.Id);
        }

        telemetry.Changed(before, after);
        if (step.IsAbandoned)
        {
            telemetry.Abandoned(after.Runner);
        }

        var saved = reading with { Build = after };
        return documents.Count == 0 ? saved : saved with { Documents = With(reading.Documents, documents) };
    }

    private static Dictionary<string, BuildDocument?> With(
        IReadOnlyDictionary<string, BuildDocument?> read, IReadOnlyList<BuildDocument> saved)
    {
        Dictionary<string, BuildDocument?> all = new(read, StringComparer.Ordinal);
        foreach (var document in saved)
        {
            all[document.Name] = document;
        }

        return all;
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
}
