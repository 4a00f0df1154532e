using System.Runtime.Versioning;
using BuildRunner.Git.Changes;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Implements a runner on its state directory. The runner itself is not disposable, so a container that knows it by several types
/// disposes this once.</summary>
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

    // One at a time, so that builds enter the queue in the order of their ids.
    private readonly SemaphoreSlim _creating = new(1, 1);
    private readonly CancellationTokenSource _disposing = new();

    private GitBuildState? _state;
    private TargetResolver? _targets;
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
            var target = await ResolveTargetAsync(changes, cancellationToken).ConfigureAwait(false);
            BuildRecord record = new(request, target, changes, BuildJob.Of(_options), _timeProvider.GetUtcNow());
            return await CreateAsync(state, record, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (EngineFaults.IsFault(exception))
        {
            throw Translate(exception);
        }
    }

    public BuildSnapshot Read(BuildId buildId)
    {
        var snapshot = Ask(buildId, store => store.Read(buildId));
        if (snapshot.Status.IsTerminal() || _scheduler?.FindWait(buildId) is not { } wait)
        {
            return snapshot;
        }

        var state = $"ended, and waits for {wait} to write the result";
        return snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.NativeState, state)]) };
    }

    public Stream OpenLog(BuildId buildId) => Ask(buildId, store => BuildLog.OpenRead(store.FindLog(buildId)));

    public BuildId? Find(string triggerKey) => Ask(buildId: null, store => store.FindByKey(triggerKey)?.Id);

    public async Task CancelAsync(BuildId buildId)
    {
        // The request first: the scheduler then sees it in every build that it starts from now on.
        if (!Ask(buildId, store => store.RequestCancel(buildId)) || (_scheduler?.TryCancel(buildId) ?? false))
        {
            return;
        }

        try
        {
            // If no process runs the build, none may ever come to end it.
            if (_disk.Value.Store.Queue.TryClaim(buildId.Value) is { } claim)
            {
                using var build = new ClaimedBuild(buildId, claim, _disk.Value.Store, _logger);
                if (await build.TakeUpAsync().ConfigureAwait(false) is { } record)
                {
                    build.End(record, GitBuildOutcome.Cancelled);
                }
            }
        }
        catch (Exception exception) when (EngineFaults.IsFault(exception))
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
        catch (Exception exception) when (EngineFaults.IsFault(exception))
        {
            throw Translate(exception);
        }
    }

    public Task StopAsync() => _disposed == 0 && _scheduler is { } scheduler ? scheduler.StopAsync() : Task.CompletedTask;

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Stops all builds and waits until they have stopped, so that no process is left running.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        // Lets operations in progress end and starts no new ones. The semaphores are left to the collector.
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _opening.WaitAsync().ConfigureAwait(false);
        await _creating.WaitAsync().ConfigureAwait(false);
        try
        {
            await (_targets?.Asking ?? Task.CompletedTask).ConfigureAwait(false);
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

    private (StateLayout Layout, BuildStore Store, DiskRoom Room) Locate()
    {
        var layout = new StateLayout(StateDirectory.PathOf(_options));
        return (layout, new BuildStore(layout, _options.Retention, _timeProvider, _reached), new DiskRoom(layout, _logger));
    }

    private BuildRunnerException Translate(Exception exception, BuildId? buildId = null) =>
        EngineFaults.Translate(exception, buildId, _options, fault => _disk.Value.Room.Lacks(fault));

    private T Ask<T>(BuildId? buildId, Func<BuildStore, T> question)
    {
        try
        {
            return question(_disk.Value.Store);
        }
        catch (Exception exception) when (EngineFaults.IsFault(exception))
        {
            throw Translate(exception, buildId);
        }
    }

    private async Task<string> ResolveTargetAsync(List<AppliedChange> changes, CancellationToken cancellationToken)
    {
        try
        {
            return await _targets!.ResolveAsync(changes, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_disposed != 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(typeof(GitBuildRunner).FullName);
        }
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

            _state ??= await GitBuildState
                .OpenAsync(_disk.Value.Layout, _disk.Value.Store, _options.Repository, cancellationToken)
                .ConfigureAwait(false);
            ObjectDisposedException.ThrowIf(_disposed != 0, typeof(GitBuildRunner));
            _targets ??= new TargetResolver(_options, _state.Repository, _timeProvider, _disposing.Token);
            _scheduler ??= new BuildScheduler(_state, _disk.Value.Room, _options, _timeProvider, _logger, _reached);
            return _state;
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <exception cref="ObjectDisposedException">The runner is disposed.</exception>
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

            // Also after a failure: the scheduler cleans up what could not be undone.
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
        catch (Exception exception) when (EngineFaults.IsFault(exception))
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
            : throw new BuildRunnerException(
                $"The trigger key '{request.TriggerKey}' belongs to the build '{id}', which has another base or head. Use a new key.")
            {
                BuildId = id,
            };

    [LoggerMessage(LogLevel.Information, "Build {BuildId} accepted on {Target}, with {Count} commits to apply")]
    private partial void LogAccepted(BuildId buildId, int count, string target);
}
