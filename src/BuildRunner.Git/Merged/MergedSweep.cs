using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Merged;

/// <summary>
/// Deletes at the remote, now and then, what nobody needs any more, whichever hosts do the same: references of builds that have landed, have ended without success or are too old, and records that are too old. Only what a record says that we have pushed, and only where it still is that.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedSweep(IBuildRunner inner, Func<CancellationToken, Task<MergedState>> openAsync, BackgroundTasks background, TimeProvider timeProvider) : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // What is made and not pushed yet is held by nothing. It takes no longer than an exchange with the remote, which is given up long before that.
    private static readonly TimeSpan PruneAge = TimeSpan.FromDays(3);

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();
    private long _lastPrune = timeProvider.GetTimestamp();
    private ITimer? _timer;
    private Task _running = Task.CompletedTask;

    /// <summary>Begins to sweep, where it has not begun yet.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _timer ??= timeProvider.CreateTimer(static sweep => ((MergedSweep)sweep!).Run(), this, TimeSpan.FromMinutes(1), Period);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer)
        {
            await timer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Run()
    {
        lock (_lock)
        {
            // One that takes longer than the time between two is not overtaken.
            _running = _running.IsCompleted ? background.Tidy(SweepAsync) : _running;
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var references = await state.Remote.ListBelowAsync(
            [MergedTokens.Records, state.Options.RefPrefix], cancellationToken).ConfigureAwait(false);
        var recordIds = references.Where(static reference => MergedTokens.IsToken(Cut(reference.Key, MergedTokens.Records))).ToDictionary(StringComparer.Ordinal);
        var records = await state.Records.ReadAllAsync(recordIds, cancellationToken).ConfigureAwait(false);
        var tip = await FindTipAsync(state, cancellationToken).ConfigureAwait(false);
        List<PushedReference> unneeded = [];
        foreach (var sameRecord in recordIds.GroupBy(static reference => reference.Value, static reference => reference.Key))
        {
            if (records.TryGetValue(sameRecord.Key, out var record))
            {
                unneeded.AddRange(await FindUnneededAsync(state, sameRecord, record, references, tip, cancellationToken).ConfigureAwait(false));
            }
        }

        foreach (var reference in unneeded)
        {
            // One by one: one that somebody else has changed must not keep the others from being deleted.
            if (await state.TryPushAsync([reference], cancellationToken).ConfigureAwait(false))
            {
                recordIds.Remove(reference.Name);
            }
        }

        await ForgetAsync(state, recordIds, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<string?> FindTipAsync(MergedState state, CancellationToken cancellationToken)
    {
        var tips = await state.Remote.ListAsync(state.Remote.TargetReferences, cancellationToken).ConfigureAwait(false);
        if (tips.Count == 0)
        {
            return null;
        }

        var tip = state.Remote.TargetOf(tips);
        await state.FetchTipAsync(tip, cancellationToken).ConfigureAwait(false);
        return tip;
    }

    private async Task<IEnumerable<PushedReference>> FindUnneededAsync(
        MergedState state, IGrouping<string, string> recordReferences, MergedRecord record, IReadOnlyDictionary<string, string> references, string? tip, CancellationToken cancellationToken)
    {
        var hasBuildReference = record.Reference is { } name && references.GetValueOrDefault(name) == record.Commit;
        PushedReference[] build = hasBuildReference ? [new PushedReference(record.Reference!, record.Commit, Wanted: null)] : [];
        if (timeProvider.GetUtcNow() - record.CreatedAt > state.Options.RefRetention)
        {
            return [.. build, .. recordReferences.Select(reference => new PushedReference(reference, recordReferences.Key, Wanted: null))];
        }

        if (record.BuildId is null)
        {
            await RepeatAsync(
                state, Cut(recordReferences.First(), MergedTokens.Records), recordReferences.Key, cancellationToken).ConfigureAwait(false);
        }

        return hasBuildReference && await IsOverAsync(state, record, tip, cancellationToken).ConfigureAwait(false) ? build : [];
    }

    private async Task<bool> IsOverAsync(MergedState state, MergedRecord record, string? tip, CancellationToken cancellationToken)
    {
        if (tip is not null && await state.HasAsync(tip, record.Commit!, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        if (record.BuildId is not { } buildId)
        {
            // A build may have been created that nobody knows.
            return false;
        }

        try
        {
            return (await inner.StatusAsync(new BuildId(buildId), cancellationToken).ConfigureAwait(false)).Status is BuildStatus.Failed or BuildStatus.Cancelled;
        }
        catch (BuildNotFoundException)
        {
            return true;
        }
        catch (BuildRunnerException)
        {
            return false;
        }
    }

    // A push that was to name the build had no answer, and this state directory knows the build.
    private static async Task RepeatAsync(MergedState state, string token, string recordId, CancellationToken cancellationToken)
    {
        if (state.Records.FindKept(token) is { } keptId && await state.Records.FindHereAsync(token, cancellationToken).ConfigureAwait(false) is { } kept)
        {
            await MergedUpdate.PushAsync(state, token, recordId, kept, keptId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ForgetAsync(MergedState state, Dictionary<string, string> recordIds, CancellationToken cancellationToken)
    {
        foreach (var token in state.Records.Kept().Where(token => !recordIds.ContainsKey(MergedTokens.RecordOf(token))).ToList())
        {
            if (await state.Records.FindHereAsync(token, cancellationToken).ConfigureAwait(false) is not { } record || timeProvider.GetUtcNow() - record.CreatedAt > state.Options.RefRetention)
            {
                state.Records.Forget(token);
            }
        }

        ScratchDirectory.Sweep(state.Layout.Scratch);
        state.Repository.ForgetFetched(timeProvider.GetUtcNow() - PruneAge);
        if (timeProvider.GetElapsedTime(_lastPrune) < PrunePeriod)
        {
            return;
        }

        _lastPrune = timeProvider.GetTimestamp();
        await state.Repository.PruneAsync(PruneAge, cancellationToken).ConfigureAwait(false);
    }

    private static string Cut(string reference, string prefix) =>
        reference.StartsWith(prefix, StringComparison.Ordinal) ? reference[prefix.Length..] : "";
}
