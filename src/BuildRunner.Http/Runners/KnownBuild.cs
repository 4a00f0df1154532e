using System.Runtime.CompilerServices;

namespace BuildRunner.Http.Runners;

/// <summary>What this process knows of a build.</summary>
internal class KnownBuild(BuildMetadata? metadata = null)
{
    // How long reads may not show a new build.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    // Time stamps.
    private volatile StrongBox<long>? _createdAt;
    private volatile StrongBox<long>? _cancelledAt;
    private volatile BuildSnapshot? _final;

    public BuildMetadata Metadata { get; } = metadata ?? BuildMetadata.Empty;

    public BuildSnapshot? Final => _final;

    /// <summary>Keeps how the build has ended, and returns it. The first end stays.</summary>
    public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;

    public void NoteCreate(TimeProvider time) => _createdAt = new StrongBox<long>(time.GetTimestamp());

    public bool IsNew(TimeProvider time) => _createdAt is { } createdAt && time.GetElapsedTime(createdAt.Value) < Settling;

    /// <summary>Keeps when a cancel was first accepted.</summary>
    public void NoteCancel(TimeProvider time) => _cancelledAt ??= new StrongBox<long>(time.GetTimestamp());

    /// <summary>Gets the time since the first cancel, or zero if there was none.</summary>
    public TimeSpan TimeSinceCancel(TimeProvider time) =>
        _cancelledAt is { } cancelledAt ? time.GetElapsedTime(cancelledAt.Value) : TimeSpan.Zero;
}
