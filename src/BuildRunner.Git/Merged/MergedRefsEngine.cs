using System.Runtime.Versioning;
using BuildRunner.Git.Engine;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Repository;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Merged;

/// <summary>What one decorator works with. The decorator itself is not disposable, so that a container which knows it under several types ends this once.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedRefsEngine : IMergedRefsEngine, IAsyncDisposable, IDisposable
{
    private readonly MergedRefsOptions _options;
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
        _timeProvider = timeProvider;
        _background = new BackgroundTasks(logger);
        MergedCleanUp cleanUp = new(inner, _background, timeProvider);
        _triggers = new MergedTriggers(inner, OpenAsync, _background, timeProvider, reached);
        _builds = new MergedBuilds(OpenAsync, cleanUp, timeProvider);
        _landing = new MergedLanding(OpenAsync, _builds, cleanUp, reached);
        _sweep = new MergedSweep(inner, OpenAsync, _background, timeProvider);
    }

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        _sweep.Start();
        return AnswerAsync(() => _triggers.TriggerAsync(request, cancellationToken), buildId: null, cancellationToken);
    }

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, Func<Task<BuildSnapshot>> ask, CancellationToken cancellationToken) =>
        AnswerAsync(() => _builds.StatusAsync(buildId, ask, cancellationToken), buildId, cancellationToken);

    public Task<Stream?> FindLogAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _builds.FindLogAsync(buildId, cancellationToken), buildId, cancellationToken);

    public Task<bool> IsOwnAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _builds.IsOwnAsync(buildId, cancellationToken), buildId, cancellationToken);

    public Task<BuildId?> FindAsync(string triggerKey, IBuildFinder finder, CancellationToken cancellationToken) =>
        AnswerAsync(() => _builds.FindAsync(triggerKey, finder, cancellationToken), buildId: null, cancellationToken);

    public Task<string?> FindCommitAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(async () => (await _builds.FindRecordAsync(buildId, cancellationToken).ConfigureAwait(false))?.Commit, buildId, cancellationToken);

    public Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _landing.LandAsync(buildId, cancellationToken), buildId, cancellationToken);

    public Task<IReadOnlyDictionary<string, string>> ReadAsync(IEnumerable<string> branches, CancellationToken cancellationToken) =>
        AnswerAsync(() => _landing.ReadAsync(branches, cancellationToken), buildId: null, cancellationToken);

    public Task<bool> HasAsync(string tip, string commitId, CancellationToken cancellationToken) =>
        AnswerAsync(() => _landing.HasAsync(tip, commitId, cancellationToken), buildId: null, cancellationToken);

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

    private async Task<MergedState> OpenAsync(CancellationToken cancellationToken)
    {
        Task<MergedState> opening;
        lock (_lock)
        {
            if (_opening is null || (_opening.IsCompleted && !_opening.IsCompletedSuccessfully))
            {
                _opening = _background.Run(token => MergedState.OpenAsync(_options, _timeProvider, token));
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
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException)
        {
            throw Translate(exception, buildId);
        }
    }

    // It passes, or the request names what is not there, or a person has to mend the remote, the repository or this machine.
    private BuildRunnerException Translate(Exception exception, BuildId? buildId) => exception switch
    {
        GitException { IsTransient: true } => new BuildRunnerException(exception.Message, exception) { BuildId = buildId, IsTransient = true },
        GitException { IsOfRequest: true } => new BuildRunnerException(exception.Message, exception) { BuildId = buildId },
        GitException => new BuildRunnerConfigurationException(exception.Message, exception) { BuildId = buildId },
        _ when DiskRoom.IsLack(exception) || (exception is IOException && Posix.IsErrorOfLoad(exception.HResult)) => new BuildRunnerException(StateFault(exception), exception) { BuildId = buildId, IsTransient = true },
        _ => new BuildRunnerConfigurationException(StateFault(exception), exception) { BuildId = buildId },
    };

    private string StateFault(Exception exception) =>
        $"The state directory '{StateDirectory.TryFindPathOf(_options)}' cannot be used: {exception.Message}";
}
