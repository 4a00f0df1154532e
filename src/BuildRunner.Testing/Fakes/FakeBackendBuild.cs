namespace BuildRunner.Testing;

/// <summary>One build of a fake CI. How it stands follows from its script, its trigger, its cancel and the time, so that there is nothing to run.</summary>
internal sealed class FakeBackendBuild(BuildId id, BuildRequest request, FakeBuild script, DateTimeOffset triggeredAt)
{
    private DateTimeOffset? _cancelledAt;
    private BuildSnapshot? _movedTo;

    public BuildId Id { get; } = id;

    public BuildRequest Request { get; } = request;

    public string Log => script.Log;

    public bool HasVanished(DateTimeOffset now) => script.VanishesAfter is { } limit && now - triggeredAt >= limit;

    public void Cancel(DateTimeOffset now)
    {
        if (!SnapshotAt(now).Status.IsTerminal())
        {
            _cancelledAt ??= now;
        }
    }

    public void MoveTo(BuildStatus status, BuildMetadata metadata, DateTimeOffset now)
    {
        var current = SnapshotAt(now).Status;
        _movedTo = current.IsTerminal()
            ? throw new InvalidOperationException($"The build '{Id}' has ended as {current}; an ended build is not moved.")
            : Snapshot(status, metadata);
    }

    public BuildSnapshot SnapshotAt(DateTimeOffset now)
    {
        if (_movedTo is not null)
        {
            return StoppedAt() <= now && !_movedTo.Status.IsTerminal() ? Snapshot(BuildStatus.Cancelled, BuildMetadata.Empty) : _movedTo;
        }

        var stoppedAt = StoppedAt();
        var reached = triggeredAt;
        foreach (var step in script.Steps)
        {
            if (stoppedAt <= now && StepContains(step, reached, stoppedAt.Value))
            {
                return Snapshot(BuildStatus.Cancelled, BuildMetadata.Empty);
            }

            if (StepContains(step, reached, now))
            {
                return Snapshot(step.Status, step.NativeState is null ? BuildMetadata.Empty : [new(BuildMetadataKeys.NativeState, step.NativeState)]);
            }

            reached += step.Duration;
        }

        return Snapshot(script.End, script.Metadata);
    }

    private static bool StepContains(FakeBuildStep step, DateTimeOffset reached, DateTimeOffset time) =>
        step.Duration == Timeout.InfiniteTimeSpan || time < reached + step.Duration;

    private DateTimeOffset? StoppedAt() => script.IgnoresCancelFor == Timeout.InfiniteTimeSpan ? null : _cancelledAt + script.IgnoresCancelFor;

    private BuildSnapshot Snapshot(BuildStatus status, BuildMetadata metadata) => new()
    {
        Status = status,
        Metadata = Request.Metadata.SetItems(metadata),
        PollAfter = status.IsTerminal() ? null : script.PollAfter,
    };
}
