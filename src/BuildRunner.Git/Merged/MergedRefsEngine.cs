using System.Runtime.Versioning;
using BuildRunner.Git.Engine;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Merged;

/// <summary>Implements a decorator. The decorator itself is not disposable, so a container that knows it by several types disposes this
/// once.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedRefsEngine : IMergedRefsEngine, IAsyncDisposable, IDisposable
{
    private readonly MergedRefsOptions _options;
    private readonly string _runner;
    private readonly TimeProvider _timeProvider;
    private readonly BackgroundTasks _background;
    private readonly Lock _lock = new();
    private readonly MergedTriggers _triggers;
    private readonly MergedBuilds _builds;
    private readonly MergedLanding _landing;
    private readonly MergedSweep _sweep;
    private Task<MergedState>? _opening;

    public MergedRefsEngine(
        IBuildRunner inner, MergedRefsOptions options, TimeProvider timeProvider, ILogger logger, MergedStepReached? reached)
    {
        _options = options;
        _runner = inner.GetType().FullName!;
        _timeProvider = timeProvider;
        _background = new BackgroundTasks(logger);
        MergedCleanUp cleanUp = new(inner, _background, timeProvider);
        MergedProof proof = new(inner);
        _triggers = new MergedTriggers(inner, proof, OpenAsync, _background, timeProvider, reached);
        _builds = new MergedBuilds(inner, OpenAsync, cleanUp, timeProvider);
        _landing = new MergedLanding(OpenAsync, _builds, proof, cleanUp, reached);
        _sweep = new MergedSweep(inner, OpenAsync, cleanUp, _background, timeProvider);
    }

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        _sweep.Start();
        return AnswerAsync(() => _triggers.TriggerAsync(request, cancellationToken), buildId: null, cancellationToken);
    }

    public async Task<BuildSnapshot> StatusAsync(
        BuildId buildId,
        Func<BuildId, Task<BuildSnapshot>> ask,
        CancellationToken cancellationToken)
    {
        if (MergedIds.TokenOf(buildId) is null)
        {
            var snapshot = await ask(buildId).ConfigureAwait(false);
            return await AnswerAsync(() => _builds.CompleteAsync(buildId, snapshot, cancellationToken), buildId, cancellationToken)
                .ConfigureAwait(false);
        }

        var own = await AnswerAsync(() => _builds.FindOwnAsync(buildId, cancellationToken), buildId, cancellationToken)
            .ConfigureAwait(false);
        return own.Status == BuildStatus.Succeeded
            ? new BuildSnapshot { Status = await AskForReusedAsync(buildId, own, ask).ConfigureAwait(false), Metadata = own.Metadata }
            : new BuildSnapshot { Status = own.Status!.Value, Metadata = own.Metadata };
    }

    public Task<Stream?> FindLogAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _builds.FindLogAsync(buildId, cancellationToken), buildId, cancellationToken);

    public Task<bool> IsOwnAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _builds.IsOwnAsync(buildId, cancellationToken), buildId, cancellationToken);

    public async Task<BuildId?> FindAsync(string triggerKey, IBuildFinder finder, CancellationToken cancellationToken)
    {
        var known = await AnswerAsync(() => _builds.FindAsync(triggerKey, cancellationToken), buildId: null, cancellationToken)
            .ConfigureAwait(false);
        if (known is not null)
        {
            return known;
        }

        var found = await finder.FindAsync(triggerKey, cancellationToken).ConfigureAwait(false);
        if (found is { } buildId)
        {
            await AnswerAsync(() => _builds.NameAsync(triggerKey, buildId, cancellationToken), buildId, cancellationToken)
                .ConfigureAwait(false);
        }

        return found;
    }

    public async Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var record = await AnswerAsync(() => _builds.FindRecordAsync(buildId, cancellationToken), buildId, cancellationToken)
            .ConfigureAwait(false);
        return record?.Commit;
    }

    public Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _landing.LandAsync(buildId, cancellationToken), buildId, cancellationToken);

    public Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(IEnumerable<string> branches, CancellationToken cancellationToken) =>
        AnswerAsync(() => _landing.ReadTipsAsync(branches, cancellationToken), buildId: null, cancellationToken);

    public Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _landing.IsInHistoryAsync(tip, commitId, cancellationToken), buildId: null, cancellationToken);

    public void Start() => _sweep.Start();

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync().ConfigureAwait(false);
        await _background.DisposeAsync().ConfigureAwait(false);
        Task<MergedState>? opening;
        lock (_lock)
        {
            opening = _opening;
        }

        if (opening is { IsCompletedSuccessfully: true })
        {
            (await opening.ConfigureAwait(false)).Dispose();
        }
    }

    // The record names the success that is reused, and the CI tells whether it is one.
    private static async Task<BuildStatus> AskForReusedAsync(BuildId buildId, MergedRecord own, Func<BuildId, Task<BuildSnapshot>> ask)
    {
        try
        {
            return own.Metadata!.GetValueOrDefault(BuildMetadataKeys.ReusedFrom) is { Length: > 0 } earlier
                ? (await ask(new BuildId(earlier)).ConfigureAwait(false)).Status
                : throw new BuildNotFoundException(buildId);
        }
        catch (BuildNotFoundException)
        {
            throw new BuildNotFoundException(buildId);
        }
    }

    private async Task<MergedState> OpenAsync(CancellationToken cancellationToken)
    {
        Task<MergedState> opening;
        lock (_lock)
        {
            if (_opening is null || (_opening.IsCompleted && !_opening.IsCompletedSuccessfully))
            {
                _opening = _background.Run(token => MergedState.OpenAsync(_options, _runner, _timeProvider, token));
            }

            opening = _opening;
        }

        return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> AnswerAsync<T>(Func<Task<T>> answer, BuildId? buildId, CancellationToken cancellationToken)
    {
        try
        {
            return await answer().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_background.IsStopping && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(typeof(IMergedRefs).FullName);
        }
        catch (Exception exception) when (EngineFaults.IsFault(exception))
        {
            throw EngineFaults.Translate(exception, buildId, _options, DiskRoom.IsLack);
        }
    }
}
