namespace BuildRunner.Orchestration;

/// <summary>Saves requests of callers, together with the messages that carry them out.</summary>
internal sealed class BuildOrchestrator(
    IBuildStore store,
    BuildUpdater updater,
    IPublisher publisher,
    IQueueEngine engine,
    RunnerClients clients,
    IOptions<BuildOrchestrationOptions> options,
    RunnerControls controls,
    RunnerPauses pauses,
    BuildEnds ends,
    BuildTelemetry telemetry,
    TimeProvider timeProvider,
    HarmlessLogger<BuildOrchestrator> logger) : IBuildOrchestrator
{
    private const int MaxTries = 10;

    // Where another process ends the build. A fifth is added by chance.
    private static readonly TimeSpan WaitPause = TimeSpan.FromSeconds(5);

    public async Task<Build> SubmitAsync(BuildSubmission submission, CancellationToken cancellationToken = default)
    {
        SubmissionRules.ThrowIfInvalid(submission);
        if (clients.Names.Count > 0 && !clients.Has(submission.Runner))
        {
            var names = string.Join(", ", clients.Names.Select(static name => $"'{name}'"));
            throw new ArgumentException(
                $"There is no runner '{submission.Runner}'; there are {names}. Add it with {nameof(BuildOrchestrationBuilder.AddRunner)}, "
                + $"or with {nameof(BuildOrchestrationBuilder.AddRemoteRunner)} if another process has it.",
                nameof(submission));
        }

        var activity = telemetry.StartSubmit(submission.Runner);
        try
        {
            var build = await SaveAsync(submission, cancellationToken).ConfigureAwait(false);
            BuildTelemetry.Describe(activity, build.Id);
            return build;
        }
        catch (Exception exception)
        {
            BuildTelemetry.Fail(activity, exception);
            throw;
        }
        finally
        {
            telemetry.End(activity);
        }
    }

    public async Task<Build?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        (await store.ReadAsync(id, cancellationToken).ConfigureAwait(false)).Build;

    public async Task<Build?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return (await store.ReadAsync(key, cancellationToken).ConfigureAwait(false)).Build;
    }

    public async Task<Build?> CancelAsync(Guid id, CancellationToken cancellationToken = default)
    {
        var reading = await updater.ReadAsync(id, BuildMessages.Current, cancellationToken).ConfigureAwait(false);
        return (await updater.UpdateAsync(reading, DecideCancel, cancellationToken).ConfigureAwait(false)).Build;
    }

    public async Task<bool> SignalAsync(string runner, BuildId remoteId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(runner);
        var build = remoteId.IsDefault ? null : (await store.ReadAsync(runner, remoteId, cancellationToken).ConfigureAwait(false)).Build;
        if (build is null)
        {
            Log.SignalRefused(logger, runner, remoteId);
            return false;
        }

        if (!build.Status.IsTerminal())
        {
            var signal = BuildMessages.Current.SignalOf(build);
            await publisher.PublishAfterAsync(signal.Topic, signal.Message, signal.Delay, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    public Task<BuildPage> ListAsync(BuildQuery? query = null, CancellationToken cancellationToken = default) =>
        store.ListAsync(query ?? new(), cancellationToken);

    public async Task<Build> WaitForCompletionAsync(
        Guid id, BuildWaitOptions? options = null, CancellationToken cancellationToken = default)
    {
        var clock = options?.TimeProvider ?? timeProvider;
        using var limit = options?.Timeout is { } timeout ? new CancellationTokenSource(timeout, clock) : null;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit?.Token ?? CancellationToken.None);

        // Before the first look, so that no end falls in between.
        using var end = ends.Begin(id);
        try
        {
            while (true)
            {
                var isSeen = end.Task.IsCompleted;
                var build = await GetAsync(id, stop.Token).ConfigureAwait(false)
                    ?? throw new KeyNotFoundException($"There is no build {id}; it was never submitted, or its retention is over.");
                if (build.Status.IsTerminal())
                {
                    return build;
                }

                var pause = Task.Delay(RunnerTimes.Later(WaitPause), clock, stop.Token);
                await (isSeen ? pause : await Task.WhenAny(pause, end.Task).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"The build {id} did not end within {options?.Timeout}.");
        }
        finally
        {
            // A pause may be left.
            await stop.CancelAsync().ConfigureAwait(false);
        }
    }

    public Task<RunnerState> SetPauseAsync(string runner, RunnerPause? pause, CancellationToken cancellationToken = default) =>
        pauses.SetAsync(runner, pause, cancellationToken);

    public Task<IReadOnlyList<RunnerState>> ListRunnersAsync(CancellationToken cancellationToken = default) =>
        pauses.ListAsync(cancellationToken);

    private static Step DecideCancel(BuildReading reading) => reading.Build is { } build && !build.Status.IsTerminal()
        ? Step.Save(build.Cancelling(BuildCancelCause.Caller), Outcome.Done) with { Hastens = true }
        : Step.Leave(Outcome.Done);

    private async Task<Build> SaveAsync(BuildSubmission submission, CancellationToken cancellationToken)
    {
        await engine.StartAsync(cancellationToken).ConfigureAwait(false);
        for (var tries = 1; ; tries++)
        {
            var reading = await store.ReadAsync(submission.Key, cancellationToken).ConfigureAwait(false);
            if (reading.Build is { } existing)
            {
                return SubmissionRules.IsOf(existing, submission)
                    ? existing
                    : throw new BuildKeyConflictException(
                        $"The key '{submission.Key}' belongs to the build {existing.Id}, which has another runner, owner, request or "
                        + "timeout; use another key.")
                    { Id = existing.Id };
            }

            var control = await controls.GetAsync(submission.Runner, cancellationToken).ConfigureAwait(false);
            control.ThrowIfRefusing(submission.Runner);
            var timeout = clients.OptionsOf(submission.Runner).Timeout ?? options.Value.DefaultTimeout;
            var build = SubmissionRules.Build(submission, reading.Now, timeout, control);
            var messages = BuildMessages.Current;
            OutgoingMessage[] outgoing = [messages.TriggerOf(build), messages.DeadlineOf(build)];
            if (await store.TryCreateAsync(build, outgoing, cancellationToken).ConfigureAwait(false))
            {
                telemetry.Submitted(build);
                return build;
            }

            if (tries == MaxTries)
            {
                throw new InvalidOperationException(
                    $"The store reports that the key '{submission.Key}' exists but finds no build with it; it must compare keys exactly.");
            }
        }
    }
}
