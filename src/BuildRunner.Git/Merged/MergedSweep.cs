using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Merged;

/// <summary>Deletes unneeded references at the remote periodically: those of builds that have landed, ended without success or expired, and
/// expired records. It deletes only what a record names as pushed by this runner, and only if it is unchanged. Other hosts may do the same
/// concurrently.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedSweep(
    IBuildRunner inner,
    Func<CancellationToken, Task<MergedState>> openAsync,
    MergedCleanUp cleanUp,
    BackgroundTasks background,
    TimeProvider timeProvider) : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    // Nothing holds objects that are created but not pushed yet. That takes no longer than an exchange with the remote, which times out
    // long before.
    private static readonly TimeSpan PruneAge = TimeSpan.FromDays(3);

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromDays(1);

    private readonly Lock _lock = new();

    // The builds that the last sweep found without success. If somebody restarts one by hand, it needs its reference.
    private HashSet<string> _ended = new(StringComparer.Ordinal);
    private long _lastPrune = timeProvider.GetTimestamp();
    private ITimer? _timer;
    private Task _running = Task.CompletedTask;

    /// <summary>Starts to sweep, unless already started.</summary>
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
            // Sweeps never overlap.
            _running = _running.IsCompleted ? background.Tidy(SweepAsync) : _running;
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        string[] prefixes = [MergedTokens.Records, state.Options.RefPrefix];
        var references = await state.Remote.ListBelowAsync(prefixes, cancellationToken).ConfigureAwait(false);
        var recordIds = references
            .Where(static reference => MergedTokens.IsToken(Cut(reference.Key, MergedTokens.Records)))
            .ToDictionary(StringComparer.Ordinal);
        var records = await state.Records.ReadAllAsync(recordIds, cancellationToken).ConfigureAwait(false);
        var tip = await FindTipAsync(state, cancellationToken).ConfigureAwait(false);
        List<PushedReference> unneeded = [];
        HashSet<string> ended = new(StringComparer.Ordinal);
        foreach (var sameRecord in recordIds.GroupBy(static reference => reference.Value, static reference => reference.Key))
        {
            if (records.TryGetValue(sameRecord.Key, out var record))
            {
                var found = FindUnneededAsync(state, sameRecord, record, references, tip, ended, cancellationToken);
                unneeded.AddRange(await found.ConfigureAwait(false));
            }
        }

        _ended = ended;
        GitException? failure = null;
        foreach (var reference in unneeded)
        {
            // One by one: a reference that somebody else changed or protected must not keep the others from being deleted.
            try
            {
                if (await state.TryPushAsync([reference], cancellationToken).ConfigureAwait(false))
                {
                    recordIds.Remove(reference.Name);
                }
            }
            catch (GitException exception)
            {
                failure ??= exception;
            }
        }

        await ForgetAsync(state, recordIds, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
        {
            throw failure;
        }
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
        MergedState state,
        IGrouping<string, string> recordReferences,
        MergedRecord record,
        IReadOnlyDictionary<string, string> references,
        string? tip,
        HashSet<string> ended,
        CancellationToken cancellationToken)
    {
        var hasBuildReference = record.Reference is { } name && references.GetValueOrDefault(name) == record.Commit;
        PushedReference[] build = hasBuildReference ? [new PushedReference(record.Reference!, record.Commit, Wanted: null)] : [];
        var isOurs = record.Scope == state.Tokens.Scope;
        if (timeProvider.GetUtcNow() - record.CreatedAt > (isOurs ? state.Options.RefRetention : MergedRefsOptionsValidator.MaxRetention))
        {
            return [.. build, .. recordReferences.Select(reference => new PushedReference(reference, recordReferences.Key, Wanted: null))];
        }

        if (!isOurs)
        {
            // Another CI builds it, or it lands on another target.
            return [];
        }

        if (record.BuildId is null)
        {
            await RepeatAsync(
                state, Cut(recordReferences.First(), MergedTokens.Records), recordReferences.Key, cancellationToken).ConfigureAwait(false);
        }

        return hasBuildReference && await IsOverAsync(state, record, tip, ended, cancellationToken).ConfigureAwait(false) ? build : [];
    }

    private async Task<bool> IsOverAsync(
        MergedState state,
        MergedRecord record,
        string? tip,
        HashSet<string> ended,
        CancellationToken cancellationToken)
    {
        if (tip is not null && await state.IsInHistoryAsync(tip, record.Commit!, cancellationToken).ConfigureAwait(false))
        {
            return true;
        }

        if (record.BuildId is not { } buildId)
        {
            // The CI may have a build with an unknown id.
            return false;
        }

        try
        {
            var snapshot = await inner.StatusAsync(new BuildId(buildId), cancellationToken).ConfigureAwait(false);
            return snapshot.Status is BuildStatus.Failed or BuildStatus.Cancelled && ended.Add(buildId) && _ended.Contains(buildId);
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

    // The push that named the build was not answered, but this state directory knows the build.
    private static async Task RepeatAsync(MergedState state, string token, string recordId, CancellationToken cancellationToken)
    {
        if (state.Records.FindKept(token) is { } keptId
            && await state.Records.FindHereAsync(token, cancellationToken).ConfigureAwait(false) is { } kept)
        {
            await MergedUpdate.PushAsync(state, token, recordId, kept, keptId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ForgetAsync(MergedState state, Dictionary<string, string> recordIds, CancellationToken cancellationToken)
    {
        cleanUp.Forget(state.Options.RefRetention);
        var gone = state.Records.Kept()
            .Where(token => recordIds.GetValueOrDefault(MergedTokens.RecordOf(token)) != state.Records.FindKept(token));
        foreach (var token in gone.ToList())
        {
            if (await state.Records.FindHereAsync(token, cancellationToken).ConfigureAwait(false) is not { } record
                || timeProvider.GetUtcNow() - record.CreatedAt > state.Options.RefRetention)
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
