using System.Collections.Frozen;
using System.Runtime.Versioning;
using BuildRunner.Git.Changes;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>What one runner does with its state directory. The runner itself is not disposable, so that a container which knows it under several types ends this once.</summary>
[SupportedOSPlatform("linux")]
internal sealed partial class GitBuildEngine : IGitBuildEngine, IAsyncDisposable, IDisposable
{
    private readonly GitBuildRunnerOptions _options;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly StepReached? _reached;
    private readonly BuildIds _ids;
    private readonly Lazy<(StateLayout Layout, BuildStore Store, DiskRoom Room)> _disk;

    private readonly SemaphoreSlim _opening = new(1, 1);

    // One at a time, so that builds get into the queue in the order of their ids.
    private readonly SemaphoreSlim _creating = new(1, 1);
    private readonly CancellationTokenSource _disposing = new();

    private GitBuildState? _state;
    private CommitResolver? _commits;
    private BuildScheduler? _scheduler;
    private int _disposed;

    public GitBuildEngine(GitBuildRunnerOptions options, TimeProvider timeProvider, ILogger logger, StepReached? reached)
    {
        _options = options;
        _timeProvider = timeProvider;
        _logger = logger;
        _reached = reached;
        _ids = new BuildIds(timeProvider);
        _disk = new Lazy<(StateLayout, BuildStore, DiskRoom)>(Locate, LazyThreadSafetyMode.PublicationOnly);
    }

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        try
        {
            var state = await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (request.TriggerKey is { } key && state.Store.FindByKey(key) is { } known)
            {
                return Match(known.Id, known.Record, request);
            }

            var changes = await new RequestedChanges(_options).ReadAsync(request, cancellationToken).ConfigureAwait(false);
            var target = await ResolveTargetAsync(state, changes, cancellationToken).ConfigureAwait(false);
            return await CreateAsync(state, new BuildRecord(request, target, changes, BuildJob.Of(_options), _timeProvider.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw Translate(exception);
        }
    }

    public BuildSnapshot Read(BuildId buildId)
    {
        var snapshot = Ask(buildId, store => store.Read(buildId));
        return !snapshot.Status.IsTerminal() && _scheduler?.FindWait(buildId) is { } wait
            ? snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.NativeState, $"ended, and waits for {wait} to write the result")]) }
            : snapshot;
    }

    public Stream OpenLog(BuildId buildId) => Ask(buildId, store => BuildLog.OpenRead(store.FindLog(buildId)));

    public BuildId? Find(string triggerKey) => Ask(buildId: null, store => store.FindByKey(triggerKey)?.Id);

    public async Task CancelAsync(BuildId buildId)
    {
        // The scheduler after the request: what it takes up from then on, it takes up with that.
        if (!Ask(buildId, store => store.RequestCancel(buildId)) || (_scheduler?.TryCancel(buildId) ?? false))
        {
            return;
        }

        try
        {
            // Where nobody runs it, nobody else may come to end it.
            if (_disk.Value.Store.TryClaim(buildId.Value) is { } claim)
            {
                using var build = new ClaimedBuild(buildId, claim, _disk.Value.Store, _logger);
                if (await build.TakeUpAsync().ConfigureAwait(false) is { } record)
                {
                    build.End(record, GitBuildOutcome.Cancelled);
                }
            }
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw Translate(exception, buildId);
        }
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw Translate(exception);
        }
    }

    public Task StopAsync() => _disposed == 0 && _scheduler is { } scheduler ? scheduler.StopAsync() : Task.CompletedTask;

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Stops what runs and waits for that, so that no process is left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // What is under way ends first; nothing begins after this. What is waited for by nobody is left to the collector.
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _opening.WaitAsync().ConfigureAwait(false);
        await _creating.WaitAsync().ConfigureAwait(false);
        try
        {
            await (_commits?.Asking ?? Task.CompletedTask).ConfigureAwait(false);
            if (_scheduler is { } scheduler)
            {
                await scheduler.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _creating.Release();
            _opening.Release();
            if (_disk.IsValueCreated)
            {
                _disk.Value.Store.Dispose();
            }
        }
    }

    private static bool IsFault(Exception exception) => exception is GitException or IOException or UnauthorizedAccessException;

    private (StateLayout Layout, BuildStore Store, DiskRoom Room) Locate()
    {
        var layout = new StateLayout(StateDirectory.PathOf(_options));
        return (layout, new BuildStore(layout, _options.Retention, _timeProvider, _reached), new DiskRoom(layout, _logger));
    }

    // What is at fault is never the request. It passes, or it is one build, or a person has to mend the repository, its remote or this machine.
    private BuildRunnerException Translate(Exception exception, BuildId? buildId = null) => exception switch
    {
        GitException { IsTransient: true } => new BuildRunnerException(exception.Message, exception) { BuildId = buildId, IsTransient = true },
        GitException => new BuildRunnerConfigurationException(exception.Message, exception) { BuildId = buildId },
        DamagedFileException => new BuildRunnerException(exception.Message, exception) { BuildId = buildId },
        _ when _disk.Value.Room.Lacks(exception) || (exception is IOException && Posix.IsErrorOfLoad(exception.HResult)) => new BuildRunnerException(StateFault(exception), exception) { BuildId = buildId, IsTransient = true },
        _ => new BuildRunnerConfigurationException(StateFault(exception), exception) { BuildId = buildId },
    };

    private string StateFault(Exception exception) => $"The state directory '{_disk.Value.Layout.Root}' cannot be used: {exception.Message}";

    private T Ask<T>(BuildId? buildId, Func<BuildStore, T> question)
    {
        try
        {
            return question(_disk.Value.Store);
        }
        catch (Exception exception) when (IsFault(exception))
        {
            throw Translate(exception, buildId);
        }
    }

    private async Task<string> ResolveTargetAsync(GitBuildState state, List<AppliedChange> changes, CancellationToken cancellationToken)
    {
        RemoteRepository.Find(_options, state.Repository, _timeProvider)?.CheckFormat(changes);
        string[] commitIds = [.. changes.Select(static change => change.CommitId)];
        var commits = await ResolveAsync(commitIds, cancellationToken).ConfigureAwait(false);
        return commitIds.FirstOrDefault(commits.Missing.Contains) is not { } missing
            ? commits.Target
            : throw new BuildRunnerException($"The commit {missing} is not in the repository '{_options.Repository}'; fetch it first, or set {nameof(GitBuildRunnerOptions)}.{nameof(_options.Remote)}.");
    }

    private async Task<ResolvedCommits> ResolveAsync(string[] commitIds, CancellationToken cancellationToken)
    {
        try
        {
            return await _commits!.ResolveAsync(commitIds, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_disposed != 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(typeof(GitBuildRunner).FullName);
        }
    }

    private async Task<ResolvedCommits> ResolveAsync(PrivateRepository repository, IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_disposing.Token, cancellationToken);
        return RemoteRepository.Find(_options, repository, _timeProvider) is { } remote
            ? new ResolvedCommits(await remote.ResolveTargetAsync(stop.Token).ConfigureAwait(false), FrozenSet<string>.Empty)
            : await repository.ResolveAsync(_options.TargetBranch, commitIds, stop.Token).ConfigureAwait(false);
    }

    private async Task<GitBuildState> OpenAsync(CancellationToken cancellationToken)
    {
        await EnterAsync(_opening, cancellationToken).ConfigureAwait(false);
        try
        {
            if (_state is null && _disk.Value.Room.IsDue())
            {
                await _disk.Value.Room.MakeAsync(cancellationToken).ConfigureAwait(false);
            }

            _state ??= await GitBuildState.OpenAsync(_disk.Value.Layout, _disk.Value.Store, _options.Repository, cancellationToken).ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(_disposed != 0, typeof(GitBuildRunner));
            _commits ??= new CommitResolver((commitIds, token) => ResolveAsync(_state.Repository, commitIds, token));
            _scheduler ??= new BuildScheduler(_state, _disk.Value.Room, _options, _timeProvider, _logger, _reached);
            return _state;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <exception cref="ObjectDisposedException">The runner is being disposed of.</exception>
    private async Task EnterAsync(SemaphoreSlim semaphore, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        try
        {
            await semaphore.WaitAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(typeof(GitBuildRunner).FullName);
        }

        if (_disposed != 0)
        {
            semaphore.Release();
            throw new ObjectDisposedException(typeof(GitBuildRunner).FullName);
        }
    }

    private async Task<BuildId> CreateAsync(GitBuildState state, BuildRecord record, CancellationToken cancellationToken)
    {
        await EnterAsync(_creating, cancellationToken).ConfigureAwait(false);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Create(state.Store, record);
        }
        finally
        {
            _creating.Release();

            // Also after a failure: what could not be undone is for the scheduler to look at.
            _scheduler?.Wake();
        }
    }

    private BuildId Create(BuildStore store, BuildRecord record)
    {
        var id = _ids.Next();
        using var claim = store.Create(id, record);
        try
        {
            if (store.TakeKey(id, record) is var owner && owner != id)
            {
                store.Discard(id, record, claim);
                return Match(owner, store.ReadRecord(owner.Value), record.Request);
            }
        }
        catch (Exception exception) when (IsFault(exception))
        {
            store.Undo(id, record, claim, exception);
            throw;
        }

        _reached?.Invoke(Step.Accepted);
        LogAccepted(id, record.Changes.Count, record.Target);
        return id;
    }

    private static BuildId Match(BuildId id, BuildRecord? record, BuildRequest request) =>
        record is null || (record.Request.Base.SequenceEqual(request.Base) && record.Request.Head.SequenceEqual(request.Head))
            ? id
            : throw new BuildRunnerException($"The trigger key '{request.TriggerKey}' is that of the build '{id}', which has another base or head; take a new key.") { BuildId = id };

    [LoggerMessage(LogLevel.Information, "Build {BuildId} is accepted on {Target}. Commits to apply: {Count}")]
    private partial void LogAccepted(BuildId buildId, int count, string target);
}
