namespace BuildRunner.Orchestration;

/// <summary>Pauses runners in all processes, and says how they are.</summary>
internal sealed class RunnerPauses(
    IBuildStore store, IQueueEngine engine, RunnerClients clients, RunnerControls controls, DocumentTurns turns, TimeProvider timeProvider)
{
    private const int MostInFlight = 100_000;
    private const int Page = 1000;
    private const int MaxByLength = 255;
    private const int MaxReasonLength = 1000;

    public async Task<RunnerState> SetAsync(string runner, RunnerPause? pause, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runner);
        BuildTopics.ThrowIfUnfit(runner, nameof(runner));
        ThrowIfInvalid(pause);
        await engine.StartAsync(cancellationToken).ConfigureAwait(false);
        var name = DocumentNames.OfRunner(runner);
        while (true)
        {
            using var turn = await turns.EnterAsync(name, cancellationToken).ConfigureAwait(false);
            var start = timeProvider.GetTimestamp();
            var reading = await store.ReadDocumentsAsync([name], cancellationToken).ConfigureAwait(false);
            var before = reading.Documents.Count == 0 ? null : reading.Documents[0];
            var control = RunnerControl.Read(before);
            var changed = control.With(pause, reading.Now);
            var document = changed == control ? before : changed.Write(runner, before);
            BuildCommit commit = new()
            {
                Documents = document == before ? [] : [document!],
                Messages = control.IsHeld && !changed.IsHeld ? [BuildMessages.DispatchOf(runner)] : [],
            };
            if (document == before || await store.TryCommitAsync(commit, cancellationToken).ConfigureAwait(false))
            {
                controls.Note(name, document, start);
                return await StateOfAsync(runner, changed, cancellationToken).ConfigureAwait(false);
            }
        }
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

    private static void ThrowIfInvalid(RunnerPause? pause)
    {
        if (pause is null)
        {
            return;
        }

        if (pause is { Holds: false, Refuses: false })
        {
            throw new ArgumentException(
                "The pause neither holds nor refuses builds; set one of them, or pass null to resume.", nameof(pause));
        }

        ArgumentNullException.ThrowIfNull(pause.By, nameof(pause));
        if (pause.By.Length is 0 or > MaxByLength)
        {
            throw new ArgumentException(
                $"{nameof(RunnerPause)}.{nameof(pause.By)} has {pause.By.Length} characters; it must have 1 to {MaxByLength}.",
                nameof(pause));
        }

        if (pause.Reason?.Length > MaxReasonLength)
        {
            throw new ArgumentException(
                $"{nameof(RunnerPause)}.{nameof(pause.Reason)} has {pause.Reason.Length} characters; it may have up to {MaxReasonLength}.",
                nameof(pause));
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
            InFlight = reading.InUse,
            IsWaiting = reading.Next is not null,
            CooldownEndsAt = line.CooldownEndsAt > reading.Now ? line.CooldownEndsAt : null,
        };
    }
}
