using System.Collections.Concurrent;
using BuildRunner.Git.Repository;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Engine;

/// <summary>Holds the builds of one runner and what they run on. The runner itself is not disposable, so that a container which knows it under several types ends this once.</summary>
internal sealed partial class GitBuildEngine(GitBuildRunnerOptions options, TimeProvider timeProvider, ILogger logger)
    : IAsyncDisposable, IDisposable
{
    private readonly ConcurrentDictionary<BuildId, GitBuild> _builds = new();
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly Lock _starting = new();
    private readonly CancellationTokenSource _disposing = new();

    private GitBuildState? _state;
    private bool _disposed;

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        var changes = Parse(request);
        try
        {
            var state = await OpenAsync(cancellationToken).ConfigureAwait(false);
            if (await state.Repository.FindMissingAsync([.. changes.Select(static change => change.CommitId).Distinct()], cancellationToken).ConfigureAwait(false) is { } missing)
            {
                throw new BuildRunnerException($"The commit {missing} is not in the repository '{options.Repository}'; fetch it first.");
            }

            var target = await state.Repository.ResolveTargetAsync(options.TargetBranch, cancellationToken).ConfigureAwait(false);
            await ForgetOldAsync(state).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return Start(state, target, changes, request.Metadata);
        }
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException)
        {
            throw new BuildRunnerException(exception.Message, exception);
        }
    }

    /// <exception cref="BuildNotFoundException">There is no such build, or it is no longer kept.</exception>
    public GitBuild Find(BuildId buildId) =>
        _builds.TryGetValue(buildId, out var build) && !build.HasEndedBefore(options.Retention, timeProvider) ? build : throw new BuildNotFoundException(buildId);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>Cancels what runs and waits for its end, so that no process is left behind.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_starting)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        foreach (var build in _builds.Values)
        {
            await build.RequestCancelAsync().ConfigureAwait(false);
        }

        await Task.WhenAll(_builds.Values.Select(static build => build.Ended)).ConfigureAwait(false);
        foreach (var build in _builds.Values)
        {
            build.Dispose();
        }

        // An open that is under way ends first; none begins after this. What is waited for by nobody is left to the collector.
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _opening.WaitAsync().ConfigureAwait(false);
        _state?.Dispose();
        _opening.Release();
    }

    private List<AppliedChange> Parse(BuildRequest request)
    {
        List<AppliedChange> changes = [];
        foreach (var (side, list) in new[] { (BuildFailedSides.Base, request.Base), (BuildFailedSides.Head, request.Head) })
        {
            changes.AddRange(list
                .SelectMany(static change => change.Uris)
                .Select(uri => new AppliedChange(side, GitChange.CommitIdOf(uri, options.Host, options.RepositoryName))));
        }

        return changes;
    }

    private async Task<GitBuildState> OpenAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        try
        {
            await _opening.WaitAsync(stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new ObjectDisposedException(typeof(GitBuildRunner).FullName);
        }

        try
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(GitBuildRunner));
            return _state ??= await GitBuildState.OpenAsync(options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    private BuildId Start(GitBuildState state, string target, List<AppliedChange> changes, BuildMetadata metadata)
    {
        var id = new BuildId($"git-{Guid.CreateVersion7():N}");
        var build = new GitBuild(id, target, changes, metadata, state.LogPathOf(id));
        File.Create(build.LogPath).Dispose();
        Task<WorkTree> turn;
        lock (_starting)
        {
            ObjectDisposedException.ThrowIf(_disposed, typeof(GitBuildRunner));
            _builds[id] = build;

            // Here and not in the task, so that builds run in the order in which they were triggered.
            turn = state.RentAsync(build.CancelRequested).AsTask();
        }

        // Not awaited, and not with the call's token: that abandons the call, never the build.
        _ = Task.Run(() => RunAsync(new GitBuildExecution(build, turn, state, options, timeProvider), build), CancellationToken.None);
        return id;
    }

    private async Task RunAsync(GitBuildExecution execution, GitBuild build)
    {
        LogAccepted(build.Id, build.Changes.Count, build.TargetCommitId);
        var outcome = GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        try
        {
            outcome = await execution.RunAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The end of the line: whatever went wrong, the build ends and says so.
            LogBroken(exception, build.Id);
        }

        build.End(outcome, timeProvider.GetTimestamp());
        LogEnded(build.Id, outcome.Status, outcome.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind, ""));
    }

    private async Task ForgetOldAsync(GitBuildState state)
    {
        foreach (var (id, build) in _builds)
        {
            if (build.HasEndedBefore(options.Retention, timeProvider) && _builds.TryRemove(id, out _))
            {
                await ForgetAsync(state, build).ConfigureAwait(false);
            }
        }
    }

    private async Task ForgetAsync(GitBuildState state, GitBuild build)
    {
        build.Dispose();
        try
        {
            File.Delete(build.LogPath);
            await state.Repository.ForgetAsync(build.Id.Value, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException)
        {
            // It must not fail the trigger of another build, and the next start of the runner clears what is left.
            LogNotForgotten(exception, build.Id);
        }
    }

    [LoggerMessage(LogLevel.Information, "Build {BuildId} is accepted: {Count} commits on {Target}")]
    private partial void LogAccepted(BuildId buildId, int count, string target);

    [LoggerMessage(LogLevel.Information, "Build {BuildId} has ended: {Status} {FailureKind}")]
    private partial void LogEnded(BuildId buildId, BuildStatus status, string failureKind);

    [LoggerMessage(LogLevel.Warning, "What is left of build {BuildId} could not be removed")]
    private partial void LogNotForgotten(Exception exception, BuildId buildId);

    [LoggerMessage(LogLevel.Error, "Build {BuildId} broke")]
    private partial void LogBroken(Exception exception, BuildId buildId);
}
