namespace BuildRunner.Testing;

/// <summary>What a fake CI holds: its builds, its scripts, and what it was asked. Shared by the runners on it; every member is called under its lock.</summary>
internal sealed class FakeBackend(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();
    private readonly Dictionary<BuildId, FakeBackendBuild> _builds = [];
    private readonly Dictionary<string, FakeBackendBuild> _byKey = new(StringComparer.Ordinal);
    private long _created;

    public Lock Lock { get; } = new();

    /// <summary>Gets how long the backend has been there. A clock that is set back makes it no shorter, or an ended build would run again.</summary>
    public TimeSpan Now
    {
        get
        {
            var elapsed = timeProvider.GetElapsedTime(_start);
            return field = elapsed > field ? elapsed : field;
        }
    }

    public Queue<FakeBuild> NextBuilds { get; } = new();

    public Func<BuildRequest, FakeBuild> Script { get; set; } = static _ => FakeBuild.Succeeds();

    public Func<BuildRequest, string?> Rejection { get; set; } = static _ => null;

    public FailurePlan TriggerFailures { get; } = new();

    public FailurePlan StatusFailures { get; } = new();

    public FailurePlan CancelFailures { get; } = new();

    public List<FakeTrigger> Triggers { get; } = [];

    public List<BuildId> StatusCalls { get; } = [];

    public List<BuildId> Cancels { get; } = [];

    /// <summary>Gets how many builds there have been.</summary>
    public long Created => _created;

    public FakeBackendBuild Create(BuildRequest request)
    {
        if (request.TriggerKey is { } key && FindByKey(key) is { } existing)
        {
            return existing.Request.Base.SequenceEqual(request.Base) && existing.Request.Head.SequenceEqual(request.Head)
                ? existing
                : throw new BuildRunnerException($"The trigger key '{key}' belongs to the build '{existing.Id}', which has another base or head; use a key of its own.") { BuildId = existing.Id };
        }

        var script = NextBuilds.TryDequeue(out var next)
            ? next
            : Script(request) ?? throw new InvalidOperationException("The script gave no build for the request; it must give one.");
        _created++;
        var build = new FakeBackendBuild(new BuildId($"fake-{_created}"), request, script, Now);
        _builds.Add(build.Id, build);
        if (request.TriggerKey is not null)
        {
            _byKey[request.TriggerKey] = build;
        }

        return build;
    }

    public FakeBackendBuild Find(BuildId buildId) =>
        _builds.TryGetValue(buildId, out var build) && !build.HasVanished(Now) ? build : throw new BuildNotFoundException(buildId);

    public FakeBackendBuild? FindByKey(string key) =>
        _byKey.TryGetValue(key, out var build) && !build.HasVanished(Now) ? build : null;
}
