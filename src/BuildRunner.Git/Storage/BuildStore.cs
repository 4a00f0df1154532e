using System.Runtime.Versioning;
using System.Text.Json;

namespace BuildRunner.Git.Storage;

/// <summary>Stores the builds of a state directory, which several processes may share. All state is on the disk; nothing is
/// cached.</summary>
/// <remarks>
/// <para>
/// A build is a directory that appears and disappears atomically. A build with work to do also has a queue entry, and only the process that
/// has locked the entry may do the work. The entry is created before the build and deleted after its result is durable.
/// </para>
/// <para>
/// Thread-safe, except that only the holder of the claim may change a build.
/// </para>
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class BuildStore : IDisposable
{
    // Reading costs little here, so the shortest that waiting allows.
    private static readonly TimeSpan PollAfter = TimeSpan.FromSeconds(0.5);

    private readonly StateLayout _layout;
    private readonly TimeSpan _retention;
    private readonly TimeProvider _timeProvider;
    private readonly StepReached? _reached;
    private readonly KeyStore _keys;
    private readonly SuccessStore _successes;
    private readonly BuildFiles _files;
    private readonly Lock _lock = new();
    private ScratchDirectory? _scratch;

    public BuildStore(StateLayout layout, TimeSpan retention, TimeProvider timeProvider, StepReached? reached)
    {
        _layout = layout;
        _retention = retention;
        _timeProvider = timeProvider;
        _reached = reached;
        _keys = new KeyStore(layout.Keys, layout.KeysLock, IsKept);
        _successes = new SuccessStore(layout.Successes);
        _files = new BuildFiles(layout, () => Scratch.NewPath());
        Queue = new BuildQueue(layout);
    }

    public BuildQueue Queue { get; }

    /// <summary>Gets the scratch directory of this process.</summary>
    /// <exception cref="IOException">The state directory cannot be written.</exception>
    public ScratchDirectory Scratch
    {
        get
        {
            lock (_lock)
            {
                return _scratch ??= ScratchDirectory.Create(_layout.Scratch);
            }
        }
    }

    /// <summary>Creates and claims a build.</summary>
    /// <exception cref="IOException">It could not be created, and nothing of it is left.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">It could neither be created nor removed again.</exception>
    public FileLock Create(BuildId id, BuildRecord record)
    {
        // Queue entry and record are one file with two names; the first is deleted when the build ends.
        var content = JsonSerializer.SerializeToUtf8Bytes(record, StorageJson.Default.BuildRecord);
        var claim = FileLock.Create(Scratch.NewPath(), _layout.PendingOf(id.Value), content);
        try
        {
            DurableFile.SyncDirectory(_layout.Pending);
            _reached?.Invoke(Step.Queued);
            _files.Add(id.Value, content.Length);
            _reached?.Invoke(Step.RecordWritten);
            DurableFile.SyncDirectory(_layout.Builds);
            _reached?.Invoke(Step.Recorded);
            return claim;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Undo(id, record, claim, exception);
            throw;
        }
    }

    /// <summary>Assigns the trigger key of a build, if it has one, unless another build has the key.</summary>
    /// <returns>The build that has the key: this one or another that is kept.</returns>
    /// <exception cref="IOException">The key could not be read or written.</exception>
    public BuildId TakeKey(BuildId id, BuildRecord record) => record.Request.TriggerKey is { } key
        ? _keys.Take(key, id, Scratch, _reached is null ? null : () => _reached(Step.KeyLinked))
        : id;

    /// <summary>Finds the build of a trigger key, with its record.</summary>
    public (BuildId Id, BuildRecord Record)? FindByKey(string key)
    {
        // The reader makes it durable, because the answer is as binding as that of the trigger.
        if (_keys.Find(key) is not { } id
            || !IsKept(id.Value)
            || ReadRecord(id.Value) is not { } record
            || record.Request.TriggerKey != key)
        {
            return null;
        }

        _keys.Sync();
        return (id, record);
    }

    /// <summary>Removes a build whose id nobody has received, including its queue entry.</summary>
    public void Discard(BuildId id, BuildRecord record, FileLock claim)
    {
        if (record.Request.TriggerKey is { } key)
        {
            _keys.Release(key, id);
        }

        if (Directory.Exists(_layout.BuildOf(id.Value)))
        {
            _files.Delete(id.Value);
            DurableFile.SyncDirectory(_layout.Builds);
        }

        claim.Delete();
    }

    /// <summary>Removes a build that could not be created completely.</summary>
    /// <exception cref="TriggerOutcomeUnknownException">It could not be removed.</exception>
    public void Undo(BuildId id, BuildRecord record, FileLock claim, Exception reason)
    {
        try
        {
            Discard(id, record, claim);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            claim.Dispose();
            var message = $"Could not write the build '{id}' ({reason.Message}), and could not remove it again ({exception.Message}).";
            throw new TriggerOutcomeUnknownException(message, reason) { BuildId = id };
        }
    }

    /// <summary>Gets the status of a build.</summary>
    /// <exception cref="BuildNotFoundException">The build does not exist or is no longer kept.</exception>
    public BuildSnapshot Read(BuildId id)
    {
        ThrowIfNoId(id);
        if (ReadResult(id.Value) is { } result)
        {
            if (!IsKept(result))
            {
                throw new BuildNotFoundException(id);
            }

            // Still queued, so the result may not be durable yet, and a reported end must not be taken back.
            if (File.Exists(_layout.PendingOf(id.Value)))
            {
                DurableFile.SyncDirectory(_layout.BuildOf(id.Value));
            }

            return new BuildSnapshot { Status = result.Status, Metadata = result.Metadata };
        }

        var record = ReadRecord(id.Value) ?? throw new BuildNotFoundException(id);
        var status = File.Exists(_layout.RunningOf(id.Value)) ? BuildStatus.Running : BuildStatus.Accepted;
        return new BuildSnapshot { Status = status, Metadata = record.Request.Metadata, PollAfter = PollAfter };
    }

    /// <summary>Gets the path of a build's log.</summary>
    /// <exception cref="BuildNotFoundException">The build does not exist or is no longer kept.</exception>
    public string FindLog(BuildId id)
    {
        ThrowIfNoId(id);
        return IsKept(id.Value) ? _layout.LogOf(id.Value) : throw new BuildNotFoundException(id);
    }

    /// <summary>Requests that the process that runs a build stops it.</summary>
    /// <returns><see langword="true"/> if the build had not ended; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="BuildNotFoundException">The build does not exist or is no longer kept.</exception>
    public bool RequestCancel(BuildId id)
    {
        if (Read(id).Status.IsTerminal())
        {
            return false;
        }

        File.WriteAllBytes(_layout.CancelOf(id.Value), []);
        return true;
    }

    public bool IsCancelRequested(string id) => File.Exists(_layout.CancelOf(id));

    public bool HasResult(string id) => File.Exists(_layout.ResultOf(id));

    public BuildRecord? ReadRecord(string id) => JsonFile.Read(_layout.RecordOf(id), StorageJson.Default.BuildRecord);

    private BuildResult? ReadResult(string id) => JsonFile.Read(_layout.ResultOf(id), StorageJson.Default.BuildResult);

    /// <summary>Gets the attempt that runs according to the build, or <see langword="null"/>.</summary>
    public Attempt? ReadAttempt(string id) => AttemptFile.Read(_layout.RunningOf(id));

    /// <summary>Records that a build runs.</summary>
    public void Start(string id, Attempt attempt) => AttemptFile.Write(_layout.RunningOf(id), attempt);

    /// <summary>Records that a build no longer runs and has no processes left.</summary>
    public void Stop(string id)
    {
        // A build may have replaced it with anything.
        DirectoryTree.Delete(_layout.RunningOf(id));
    }

    /// <summary>Finds a kept build whose run with the given key succeeded.</summary>
    public BuildId? FindSuccess(string runKey)
    {
        try
        {
            return _successes.Find(runKey) is { } id
                && ReadResult(id.Value) is { Status: BuildStatus.Succeeded } result
                && result.RunKey == runKey
                && IsKept(result)
                    ? id
                    : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A damaged build must not fail another one.
            return null;
        }
    }

    /// <summary>Ends a build and removes it from the queue. Can be retried after a failure.</summary>
    public void End(BuildId buildId, BuildStatus status, BuildMetadata metadata, string? runKey, FileLock claim)
    {
        var id = buildId.Value;
        if (!HasResult(id))
        {
            if (runKey is not null)
            {
                // Before the end is visible, because readers of it may rely on the success.
                _successes.Add(runKey, buildId, Scratch);
            }

            _files.WriteResult(id, new BuildResult(status, metadata, _timeProvider.GetUtcNow(), runKey));
        }

        _reached?.Invoke(Step.ResultWritten);
        DurableFile.SyncDirectory(_layout.BuildOf(id));
        _reached?.Invoke(Step.ResultRecorded);
        claim.Delete();
        _reached?.Invoke(Step.Dequeued);
    }

    /// <summary>Removes an expired build. Other processes may do the same concurrently.</summary>
    public void Forget(string id)
    {
        if (ReadRecord(id)?.Request.TriggerKey is { } key)
        {
            _keys.Release(key, new BuildId(id));
        }

        if (ReadResult(id)?.RunKey is { } runKey)
        {
            _successes.Remove(runKey, new BuildId(id));
        }

        _files.Delete(id);
    }

    /// <summary>Gets the ids of all builds.</summary>
    public IEnumerable<string> Ids() =>
        Directory.EnumerateDirectories(_layout.Builds).Select(static directory => Path.GetFileName(directory)).Where(BuildIds.IsId);

    /// <summary>Determines whether a build has ended and expired.</summary>
    public bool IsOld(string id) => ReadResult(id) is { } result && !IsKept(result);

    public void Dispose()
    {
        lock (_lock)
        {
            _scratch?.Dispose();
            _scratch = null;
        }
    }

    private static void ThrowIfNoId(BuildId id)
    {
        if (!BuildIds.IsId(id.Value))
        {
            throw new BuildNotFoundException(id);
        }
    }

    private bool IsKept(string id) => File.Exists(_layout.RecordOf(id)) && (ReadResult(id) is not { } result || IsKept(result));

    // By the wall clock, which may jump: the current time counts.
    private bool IsKept(BuildResult result) => _timeProvider.GetUtcNow() - result.EndedAt <= _retention;
}
