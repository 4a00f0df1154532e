using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>One build and how it stands. Safe for concurrent use.</summary>
internal sealed class GitBuild : IDisposable
{
    // Asking costs nothing here, so the least that waiting allows.
    private static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(0.5);

    private readonly BuildMetadata _requested;
    private readonly CancellationTokenSource _cancel = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();

    private BuildSnapshot _snapshot;
    private long? _endedAt;

    public GitBuild(BuildId id, string targetCommitId, IReadOnlyList<AppliedChange> changes, BuildMetadata metadata, string logPath)
    {
        Id = id;
        TargetCommitId = targetCommitId;
        Changes = changes;
        LogPath = logPath;
        _requested = metadata;
        _snapshot = CreateSnapshot(BuildStatus.Accepted, BuildMetadata.Empty);
    }

    public BuildId Id { get; }

    public string TargetCommitId { get; }

    public IReadOnlyList<AppliedChange> Changes { get; }

    public string LogPath { get; }

    /// <summary>Gets a token that is cancelled when somebody has asked for the build to be stopped.</summary>
    public CancellationToken CancelRequested => _cancel.Token;

    /// <summary>Gets a task that completes when the build has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Gets how the build stands.</summary>
    public BuildSnapshot Snapshot
    {
        get
        {
            lock (_lock)
            {
                return _snapshot;
            }
        }
    }

    public void Start()
    {
        lock (_lock)
        {
            _snapshot = CreateSnapshot(BuildStatus.Running, BuildMetadata.Empty);
        }
    }

    /// <summary>Ends the build, once.</summary>
    /// <param name="outcome">How.</param>
    /// <param name="timestamp">When, by the timestamps of the engine's clock.</param>
    public void End(GitBuildOutcome outcome, long timestamp)
    {
        lock (_lock)
        {
            _snapshot = CreateSnapshot(outcome.Status, outcome.Metadata);
            _endedAt = timestamp;
            _ended.TrySetResult();
        }
    }

    /// <summary>Asks for the build to be stopped. Does nothing to one that has ended.</summary>
    public Task RequestCancelAsync()
    {
        lock (_lock)
        {
            // Not Cancel, because what waits for the token would go on under the lock.
            return _endedAt is null ? _cancel.CancelAsync() : Task.CompletedTask;
        }
    }

    /// <summary>Determines whether the build has ended longer ago than a time.</summary>
    public bool HasEndedBefore(TimeSpan age, TimeProvider timeProvider)
    {
        lock (_lock)
        {
            return _endedAt is { } endedAt && timeProvider.GetElapsedTime(endedAt) > age;
        }
    }

    public void Dispose() => _cancel.Dispose();

    private BuildSnapshot CreateSnapshot(BuildStatus status, BuildMetadata metadata) => new()
    {
        Status = status,
        Metadata = _requested.SetItems(metadata),
        PollAfter = status.IsTerminal() ? null : PollAfter,
    };
}
