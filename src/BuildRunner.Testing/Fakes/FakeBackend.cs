namespace BuildRunner.Testing;

/// <summary>What a fake CI holds: its builds, its scripts, and what it was asked. Shared by the runners on it; every member is called under its lock.</summary>
internal sealed class FakeBackend
{
    private readonly Dictionary<BuildId, FakeBackendBuild> _builds = [];
    private readonly Dictionary<string, FakeBackendBuild> _byKey = new(StringComparer.Ordinal);
    private long _created;

    public Lock Lock { get; } = new();

    public Queue<FakeBuild> NextBuilds { get; } = new();

    public Func<BuildRequest, FakeBuild> Script { get; set; } = static _ => FakeBuild.Succeeds();

    public Func<BuildRequest, string?> Rejection { get; set; } = static _ => null;

    public LinkedList<PlannedFailure> TriggerFailures { get; } = new();

    public LinkedList<PlannedFailure> StatusFailures { get; } = new();

    public LinkedList<PlannedFailure> CancelFailures { get; } = new();

    public List<FakeTrigger> Triggers { get; } = [];

    public List<BuildId> StatusCalls { get; } = [];

    public List<BuildId> Cancels { get; } = [];

    /// <summary>Gets how many builds there have been.</summary>
    public long Created => _created;

    public static PlannedFailure? TakeFailure(LinkedList<PlannedFailure> failures)
    {
        if (failures.First is not { Value: var failure })
        {
            return null;
        }

        failures.RemoveFirst();
        failure.Reach();
        return failure;
    }

    public FakeBackendBuild Create(BuildRequest request, DateTimeOffset now)
    {
        if (request.TriggerKey is { } key && FindByKey(key, now) is { } existing)
        {
            return existing.Request.Base.SequenceEqual(request.Base) && existing.Request.Head.SequenceEqual(request.Head)
                ? existing
                : throw new BuildRunnerException($"The trigger key '{key}' belongs to the build '{existing.Id}', which has another base or head; use a key of its own.") { BuildId = existing.Id };
        }

        var script = NextBuilds.TryDequeue(out var next)
            ? next
            : Script(request) ?? throw new InvalidOperationException("The script gave no build for the request; it must give one.");
        _created++;
        var build = new FakeBackendBuild(new BuildId($"fake-{_created}"), request, script, now);
        _builds.Add(build.Id, build);
        if (request.TriggerKey is not null)
        {
            _byKey[request.TriggerKey] = build;
        }

        return build;
    }

    public FakeBackendBuild Find(BuildId buildId, DateTimeOffset now) =>
        _builds.TryGetValue(buildId, out var build) && !build.HasVanished(now) ? build : throw new BuildNotFoundException(buildId);

    public FakeBackendBuild? FindByKey(string key, DateTimeOffset now) =>
        _byKey.TryGetValue(key, out var build) && !build.HasVanished(now) ? build : null;
}
