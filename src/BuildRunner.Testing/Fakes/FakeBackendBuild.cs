namespace BuildRunner.Testing;

/// <summary>Represents one build of a fake CI. Its state follows from its script, its trigger, its cancel and the time, so nothing has to
/// run.</summary>
internal sealed class FakeBackendBuild(BuildId id, BuildRequest request, FakeBuild script, TimeSpan triggeredAt)
{
    private TimeSpan? _cancelledAt;
    private BuildSnapshot? _movedTo;

    public BuildId Id { get; } = id;

    public BuildRequest Request { get; } = request;

    public string Log => script.Log;

    public bool HasVanished(TimeSpan now) => script.VanishesAfter is { } limit && AgeAt(now) >= limit;

    public void Cancel(TimeSpan now)
    {
        if (!SnapshotAt(now).Status.IsTerminal())
        {
            _cancelledAt ??= AgeAt(now);
        }
    }

    public void MoveTo(BuildStatus status, BuildMetadata metadata, TimeSpan now)
    {
        var current = SnapshotAt(now).Status;
        _movedTo = current.IsTerminal()
            ? throw new InvalidOperationException($"The build '{Id}' has ended as {current}; an ended build cannot be moved.")
            : Snapshot(status, metadata);
    }

    public BuildSnapshot SnapshotAt(TimeSpan now)
    {
        var age = AgeAt(now);
        var stopped = StoppedBy(age);
        if (_movedTo is not null)
        {
            return stopped && !_movedTo.Status.IsTerminal() ? Snapshot(BuildStatus.Cancelled, BuildMetadata.Empty) : _movedTo;
        }

        // Durations are subtracted from the age, because their sum may exceed the range of TimeSpan.
        var left = stopped ? _cancelledAt!.Value + script.IgnoresCancelFor : age;
        foreach (var step in script.Steps)
        {
            if (step.Duration == Timeout.InfiniteTimeSpan || left < step.Duration)
            {
                return stopped ? Snapshot(BuildStatus.Cancelled, BuildMetadata.Empty) : Snapshot(step.Status, Describe(step));
            }

            left -= step.Duration;
        }

        return Snapshot(script.End, script.Metadata);
    }

    private static BuildMetadata Describe(FakeBuildStep step) =>
        step.NativeState is null ? BuildMetadata.Empty : [new(BuildMetadataKeys.NativeState, step.NativeState)];

    private TimeSpan AgeAt(TimeSpan now) => now - triggeredAt;

    private bool StoppedBy(TimeSpan age) =>
        script.IgnoresCancelFor != Timeout.InfiniteTimeSpan
            && _cancelledAt is { } cancelledAt
            && age - cancelledAt >= script.IgnoresCancelFor;

    private BuildSnapshot Snapshot(BuildStatus status, BuildMetadata metadata) => new()
    {
        Status = status,
        Metadata = Request.Metadata.SetItems(metadata),
        PollAfter = status.IsTerminal() ? null : script.PollAfter,
    };
}
