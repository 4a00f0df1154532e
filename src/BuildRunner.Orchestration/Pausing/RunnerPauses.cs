namespace BuildRunner.Orchestration;

/// <summary>Pauses runners in all processes, and says how they are.</summary>
internal sealed class RunnerPauses(
    IBuildStore store,
    IQueueEngine engine,
    RunnerClients clients,
    RunnerControls controls,
    DocumentTurns turns,
    HarmlessLogger<RunnerPauses> logger,
    TimeProvider timeProvider)
{
    private const int MostInFlight = 100_000;
    private const int Page = 1000;
    private const int MaxByLength = 255;
    private const int MaxReasonLength = 1000;

    /// <exception cref="ArgumentException">The pause is invalid, or this process knows runners but not this one.</exception>
    public Task<RunnerState> PauseAsync(string runner, RunnerPause pause, CancellationToken cancellationToken)
    {
        ThrowIfUnfit(runner);
        clients.ThrowIfUnknown(runner, nameof(runner));
        ThrowIfInvalid(pause);
        return SaveAsync(runner, (control, now) => control.Paused(pause, now), cancellationToken);
    }

    /// <exception cref="ArgumentException">Who resumes the runner is invalid, or this process knows runners but not this one, which is not
    /// paused.</exception>
    public Task<RunnerState> ResumeAsync(string runner, string by, string? reason, CancellationToken cancellationToken)
    {
        ThrowIfUnfit(runner);
        ThrowIfInvalid(by, reason, nameof(by), nameof(reason));
        return SaveAsync(
            runner,
            (control, now) =>
            {
                // The pause of a runner that was taken out of service would stay otherwise.
                if (control.Pause is null)
                {
                    clients.ThrowIfUnknown(runner, nameof(runner));
                }

                return control.Resumed(by, reason, now);
            },
            cancellationToken);
    }

    /// <summary>Gets the states of the runners that this process knows, and of all that were ever paused, by name.</summary>
    public async Task<IReadOnlyList<RunnerState>> ListAsync(CancellationToken cancellationToken)
    {
        var paused = await ReadAsync(cancellationToken).ConfigureAwait(false);
        List<RunnerState> states = [];
        foreach (var runner in clients.Names.Union(paused.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var control = paused.GetValueOrDefault(runner, RunnerControl.None);
            states.Add(await StateOfAsync(runner, control, cancellationToken).ConfigureAwait(false));
        }

        return states;
    }

    /// <summary>Reads the controls of all runners that were ever paused.</summary>
    public async Task<IReadOnlyDictionary<string, RunnerControl>> ReadAsync(CancellationToken cancellationToken)
    {
        Dictionary<string, RunnerControl> controls = new(StringComparer.Ordinal);
        string? after = null;
        do
        {
            var page = await store.ListDocumentsAsync(DocumentNames.Runners, Page, after, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents)
            {
                controls.Add(document.Name[DocumentNames.Runners.Length..], RunnerControl.Read(document));
            }

            after = page.Documents.Count < Page ? null : page.Documents[^1].Name;
        }
        while (after is not null);
        return controls;
    }

    /// <summary>Counts the builds that a runner has, of all processes, up to 100,000.</summary>
    public async Task<int> CountInFlightAsync(string runner, CancellationToken cancellationToken)
    {
        var reading = await store.ReadLineAsync(runner, RunnerLine.None.Turns, MostInFlight, cancellationToken).ConfigureAwait(false);
        return reading.InUse;
    }

    private static void ThrowIfUnfit(string runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        BuildTopics.ThrowIfUnfit(runner, nameof(runner));
    }

    private static void ThrowIfInvalid(RunnerPause pause)
    {
        ArgumentNullException.ThrowIfNull(pause);
        if (pause is { Holds: false, Refuses: false })
        {
            throw new ArgumentException(
                $"The pause neither holds nor refuses builds; set one of them, or call {nameof(IBuildOrchestrator.ResumeRunnerAsync)}.",
                nameof(pause));
        }

        ThrowIfInvalid(
            pause.By,
            pause.Reason,
            $"{nameof(RunnerPause)}.{nameof(pause.By)}",
            $"{nameof(RunnerPause)}.{nameof(pause.Reason)}",
            nameof(pause));
    }

    private static void ThrowIfInvalid(string by, string? reason, string byName, string reasonName, string? paramName = null)
    {
        ArgumentNullException.ThrowIfNull(by, paramName ?? byName);
        if (by.Length is 0 or > MaxByLength)
        {
            throw new ArgumentException(
                $"{byName} has {by.Length} characters; it must have 1 to {MaxByLength}.", paramName ?? byName);
        }

        if (reason?.Length > MaxReasonLength)
        {
            throw new ArgumentException(
                $"{reasonName} has {reason.Length} characters; it may have up to {MaxReasonLength}.", paramName ?? reasonName);
        }
    }

    private async Task<RunnerState> SaveAsync(
        string runner, Func<RunnerControl, DateTimeOffset, RunnerControl> change, CancellationToken cancellationToken)
    {
        await engine.StartAsync(cancellationToken).ConfigureAwait(false);
        var name = DocumentNames.OfRunner(runner);
        while (true)
        {
            using var turn = await turns.EnterAsync(name, cancellationToken).ConfigureAwait(false);
            var start = timeProvider.GetTimestamp();
            var reading = await store.ReadDocumentsAsync([name], cancellationToken).ConfigureAwait(false);
            var before = reading.Documents.Count == 0 ? null : reading.Documents[0];
            var control = RunnerControl.Read(before);
            var changed = change(control, reading.Now);
            var document = changed == control ? before : changed.Write(runner, before);
            BuildCommit commit = new()
            {
                Documents = document == before ? [] : [document!],
                Messages = control.IsHeld && !changed.IsHeld ? [BuildMessages.DispatchOf(runner)] : [],
            };
            if (document != before && !await store.TryCommitAsync(commit, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            controls.Note(name, document, start);
            LogChange(runner, control, changed);
            return await StateOfAsync(runner, changed, cancellationToken).ConfigureAwait(false);
        }
    }

    private void LogChange(string runner, RunnerControl before, RunnerControl after)
    {
        if (after.Pause is { } pause && pause != before.Pause)
        {
            Log.RunnerPaused(logger, runner, pause.What, pause.By, pause.Reason);
        }
        else if (after.Resumption is { } resumption && resumption != before.Resumption)
        {
            Log.RunnerResumed(logger, runner, resumption.By, resumption.Reason);
        }
    }

    private async Task<RunnerState> StateOfAsync(string runner, RunnerControl control, CancellationToken cancellationToken)
    {
        var documents = await store.ReadDocumentsAsync([DocumentNames.OfLine(runner)], cancellationToken).ConfigureAwait(false);
        var line = RunnerLine.Read(documents.Documents.Count == 0 ? null : documents.Documents[0]);
        var reading = await store.ReadLineAsync(runner, line.Turns, MostInFlight, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Runner = runner,
            Pause = control.Pause,
            ResumedBy = control.Resumption?.By,
            ResumeReason = control.Resumption?.Reason,
            ResumedAt = control.Resumption?.At,
            InFlight = reading.InUse,
            IsWaiting = reading.Next is not null,
            CooldownEndsAt = line.CooldownEndsAt > reading.Now ? line.CooldownEndsAt : null,
        };
    }
}
