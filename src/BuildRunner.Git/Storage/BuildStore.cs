using System.IO.Enumeration;
using System.Runtime.Versioning;
using System.Text.Json;
using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>
/// The builds of a state directory, of all processes that use it. What is on the disk is all that there is; nothing is remembered.
/// </summary>
/// <remarks>
/// <para>
/// A build is a directory that is there as a whole or not at all. As long as there is something to do for it, it has an entry in the queue as well; who has locked that may do it. The entry is there before the build and stays until the result is on the disk.
/// </para>
/// <para>
/// Safe for concurrent use, but for the changes to one build, which are for whoever has the claim.
/// </para>
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class BuildStore : IDisposable
{
    // Asking costs little here, so the least that waiting allows.
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
    }

    /// <summary>Gets where this process writes what is not in its place yet.</summary>
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

    /// <summary>Makes a build, which nobody else can claim before the claim is released.</summary>
    /// <exception cref="IOException">It could not be made, and nothing of it is left.</exception>
    /// <exception cref="TriggerOutcomeUnknownException">It could not be made, and not be undone.</exception>
    public FileLock Create(BuildId id, BuildRecord record)
    {
        // The entry in the queue is the record: one file with two names, of which the one goes when the build ends.
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

    /// <summary>Gives the key of a build, where it has one, to the build, unless another build has it.</summary>
    /// <returns>The build that has it: the same, or another that is kept.</returns>
    /// <exception cref="IOException">It could not be told.</exception>
    public BuildId TakeKey(BuildId id, BuildRecord record) => record.Request.TriggerKey is { } key
        ? _keys.Take(key, id, Scratch, _reached is null ? null : () => _reached(Step.KeyLinked))
        : id;

    /// <summary>Gets the build that has a key, and its record.</summary>
    public (BuildId Id, BuildRecord Record)? FindByKey(string key)
    {
        // It is for who reads this to wait until it is durable: the answer is as good as that of the trigger.
        if (_keys.Find(key) is not { } id || !IsKept(id.Value) || ReadRecord(id.Value) is not { } record || record.Request.TriggerKey != key)
        {
            return null;
        }

        _keys.Sync();
        return (id, record);
    }

    /// <summary>Removes a build that nobody has been told of, with its entry in the queue.</summary>
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

    /// <summary>Removes a build that has not been made, where that is possible.</summary>
    /// <exception cref="TriggerOutcomeUnknownException">It was not.</exception>
    public void Undo(BuildId id, BuildRecord record, FileLock claim, Exception reason)
    {
        try
        {
            Discard(id, record, claim);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            claim.Dispose();
            throw new TriggerOutcomeUnknownException($"The build '{id}' could not be written ({reason.Message}), nor be removed again ({exception.Message}).", reason) { BuildId = id };
        }
    }

    /// <summary>Gets the ids of the builds for which there is something to do, the oldest first.</summary>
    public IReadOnlyList<string> Pending() =>
        [.. new FileSystemEnumerable<string>(_layout.Pending, static (ref entry) => entry.FileName.ToString()).Where(BuildIds.IsId).Order(StringComparer.Ordinal)];

    /// <summary>Claims a build.</summary>
    /// <returns>The claim, or <see langword="null"/> where somebody else has it or there is nothing to do.</returns>
    public FileLock? TryClaim(string id) => FileLock.TryTake(_layout.PendingOf(id));

    /// <summary>Gets how a build stands.</summary>
    /// <exception cref="BuildNotFoundException">There is no such build, or it is no longer kept.</exception>
    public BuildSnapshot Read(BuildId id)
    {
        ThrowIfNoId(id);
        if (ReadResult(id.Value) is { } result)
        {
            if (!IsKept(result))
            {
                throw new BuildNotFoundException(id);
            }

            // Still in the queue, so perhaps not on the disk, and what has been told must not be taken back.
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

    /// <summary>Gets where the output of a build is.</summary>
    /// <exception cref="BuildNotFoundException">There is no such build, or it is no longer kept.</exception>
    public string FindLog(BuildId id)
    {
        ThrowIfNoId(id);
        return IsKept(id.Value) ? _layout.LogOf(id.Value) : throw new BuildNotFoundException(id);
    }

    /// <summary>Asks for a build to be stopped, by whoever runs it.</summary>
    /// <returns>Whether there was something to stop.</returns>
    /// <exception cref="BuildNotFoundException">There is no such build, or it is no longer kept.</exception>
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

    /// <summary>Gets the attempt that a build says to be running, or <see langword="null"/>.</summary>
    public Attempt? ReadAttempt(string id) => AttemptFile.Read(_layout.RunningOf(id));

    /// <summary>Says that a build runs.</summary>
    public void Start(string id, Attempt attempt) => AttemptFile.Write(_layout.RunningOf(id), attempt);

    /// <summary>Says that a build does not run any more: nothing of its attempt is left.</summary>
    public void Stop(string id)
    {
        // A build may have made anything of it.
        DirectoryTree.Delete(_layout.RunningOf(id));
    }

    /// <summary>Gets the build in which a run has succeeded, or <see langword="null"/> where none is kept.</summary>
    public BuildId? FindSuccess(string runKey)
    {
        try
        {
            return _successes.Find(runKey) is { } id && ReadResult(id.Value) is { Status: BuildStatus.Succeeded } result && result.RunKey == runKey && IsKept(result) ? id : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A build that is damaged is no reason for another to fail.
            return null;
        }
    }

    /// <summary>Ends a build, and takes it out of the queue. Can be repeated where it has failed.</summary>
    public void End(BuildId buildId, BuildStatus status, BuildMetadata metadata, string? runKey, FileLock claim)
    {
        var id = buildId.Value;
        if (!HasResult(id))
        {
            if (runKey is not null)
            {
                // Before anybody can see the end, who may then rely on it.
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

    /// <summary>Removes a build that has ended and is no longer kept, whoever else is doing the same.</summary>
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

    /// <summary>Determines whether a build has ended and is no longer kept.</summary>
    public bool IsOld(string id) => ReadResult(id) is { } result && !IsKept(result);

    /// <summary>Puts a build into the queue that has not ended but is not in it, as after the loss of power in the middle of a removal.</summary>
    public void Requeue(string id)
    {
        // In this order: the entry goes after the result has come, or after the record has gone.
        if (!File.Exists(_layout.PendingOf(id)) && !File.Exists(_layout.ResultOf(id)) && File.Exists(_layout.RecordOf(id)))
        {
            Posix.TryLink(_layout.RecordOf(id), _layout.PendingOf(id));
        }
    }

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

    // By the clock on the wall, which may jump: what it says when it is asked counts.
    private bool IsKept(BuildResult result) => _timeProvider.GetUtcNow() - result.EndedAt <= _retention;
}
