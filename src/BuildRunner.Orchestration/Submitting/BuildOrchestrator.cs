using System.Diagnostics;

namespace BuildRunner.Orchestration;

/// <summary>Saves requests of callers, together with the messages that carry them out.</summary>
internal sealed class BuildOrchestrator(
    IBuildStore store,
    BuildUpdater updater,
    IPublisher publisher,
    IQueueEngine engine,
    NewBuilds newBuilds,
    SingleSubmitter single,
    BulkSubmitter bulk,
    GroupSubmitter groupSubmitter,
    GroupStore groups,
    RunnerPauses pauses,
    BuildEnds ends,
    BuildTelemetry telemetry,
    TimeProvider timeProvider,
    HarmlessLogger<BuildOrchestrator> logger) : IBuildOrchestrator
{
    private const int MaxReasonLength = 1000;

    // Where another process ends the build. A fifth is added by chance.
    private static readonly TimeSpan WaitPause = TimeSpan.FromSeconds(5);

    public Task<Build> SubmitAsync(BuildSubmission submission, CancellationToken cancellationToken = default)
    {
        newBuilds.ThrowIfInvalid(submission);
        return SubmitAsync(
            submission.Runner,
            activity => single.SubmitAsync(submission, activity, cancellationToken),
            cancellationToken);
    }

    public Task<IReadOnlyList<BuildSubmitResult>> SubmitAllAsync(
        IReadOnlyList<BuildSubmission> submissions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(submissions);
        if (submissions.Count is 0 or > BulkSubmitter.MaxSubmissions)
        {
            throw new ArgumentException(
                $"There are {submissions.Count} submissions; give 1 to {BulkSubmitter.MaxSubmissions} at a time.", nameof(submissions));
        }

        List<(BuildSubmission, Exception?)> each = [.. submissions.Select(submission => (submission, bulk.ErrorOf(submission)))];
        return SubmitAsync(runner: null, _ => bulk.SubmitAsync(each, cancellationToken), cancellationToken);
    }

    public Task<BuildGroup> SubmitGroupAsync(BuildGroupSubmission submission, CancellationToken cancellationToken = default)
    {
        GroupRules.ThrowIfInvalid(submission, newBuilds);
        return SubmitAsync(runner: null, _ => groupSubmitter.SubmitAsync(submission, cancellationToken), cancellationToken);
    }

    public async Task<Build?> GetAsync(Guid id, CancellationToken cancellationToken = default) =>
        (await store.ReadAsync(id, cancellationToken).ConfigureAwait(false)).Build;

    public async Task<Build?> FindAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return (await store.ReadAsync(key, cancellationToken).ConfigureAwait(false)).Build;
    }

    public async Task<Build?> CancelAsync(Guid id, string? reason = null, CancellationToken cancellationToken = default)
    {
        ThrowIfTooLong(reason);
        var reading = await updater.ReadAsync(id, BuildMessages.Current, cancellationToken).ConfigureAwait(false);
        var update = await updater.UpdateAsync(
            reading, it => CancelDecision.Decide(it, BuildCancelCause.Caller, reason), cancellationToken).ConfigureAwait(false);
        return update.Build;
    }

    public async Task<BuildGroup?> GetGroupAsync(string key, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        return (await groups.ReadAsync(key, cancellationToken).ConfigureAwait(false))?.Group.ToGroup();
    }

    public async Task<BuildGroup?> CancelGroupAsync(string key, string? reason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(key);
        ThrowIfTooLong(reason);
        return (await groups.CancelAsync(key, reason, BuildMessages.Current, cancellationToken).ConfigureAwait(false))?.ToGroup();
    }

    public async Task<IReadOnlyList<BuildEvent>> GetHistoryAsync(Guid id, CancellationToken cancellationToken = default) =>
        HistoryLine.Read(await store.ReadHistoryAsync(id, cancellationToken).ConfigureAwait(false));

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

    public Task<RunnerState> PauseRunnerAsync(string runner, RunnerPause pause, CancellationToken cancellationToken = default) =>
        pauses.PauseAsync(runner, pause, cancellationToken);

    public Task<RunnerState> ResumeRunnerAsync(
        string runner, string by, string? reason = null, CancellationToken cancellationToken = default) =>
        pauses.ResumeAsync(runner, by, reason, cancellationToken);

    public Task<IReadOnlyList<RunnerState>> ListRunnersAsync(CancellationToken cancellationToken = default) =>
        pauses.ListAsync(cancellationToken);

    private static void ThrowIfTooLong(string? reason)
    {
        if (reason?.Length > MaxReasonLength)
        {
            throw new ArgumentException(
                $"The reason has {reason.Length} characters; it may have {MaxReasonLength} at most.", nameof(reason));
        }
    }

    private async Task<T> SubmitAsync<T>(string? runner, Func<Activity?, Task<T>> submitAsync, CancellationToken cancellationToken)
    {
        var activity = telemetry.StartSubmit(runner);
        try
        {
            await engine.StartAsync(cancellationToken).ConfigureAwait(false);
            return await submitAsync(activity).ConfigureAwait(false);
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
}
