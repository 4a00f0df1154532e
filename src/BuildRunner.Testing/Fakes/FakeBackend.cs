namespace BuildRunner.Testing;

/// <summary>Holds the builds and scripts of a fake CI, and the calls that it received. Runners on the same backend share it. Callers hold
/// its lock, except for <see cref="CallAsync"/>, which takes it.</summary>
internal sealed class FakeBackend(TimeProvider timeProvider)
{
    private readonly long _start = timeProvider.GetTimestamp();
    private readonly Dictionary<BuildId, FakeBackendBuild> _builds = [];
    private readonly Dictionary<string, FakeBackendBuild> _byKey = new(StringComparer.Ordinal);
    private long _created;

    public Lock Lock { get; } = new();

    /// <summary>Gets the age of the backend. It never decreases, even if the clock is set back, so that an ended build does not run
    /// again.</summary>
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

    /// <summary>Gets the number of builds that were created.</summary>
    public long Created => _created;

    public FakeBackendBuild Create(BuildRequest request)
    {
        if (request.TriggerKey is { } key && FindByKey(key) is { } existing)
        {
            return existing.Request.Base.SequenceEqual(request.Base) && existing.Request.Head.SequenceEqual(request.Head)
                ? existing
                : throw new BuildRunnerException(
                    $"The trigger key '{key}' belongs to the build '{existing.Id}', which has another base or head; use another key.")
                {
                    BuildId = existing.Id,
                };
        }

        var script = NextBuilds.TryDequeue(out var next)
            ? next
            : Script(request) ?? throw new InvalidOperationException("The script returned no build for the request; it must return one.");
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

    /// <summary>Runs the effect of a call, or the failure that is planned for the call.</summary>
    /// <param name="planned">The planned failure, or <see langword="null"/> for none.</param>
    /// <param name="buildId">The build of the call, or <see langword="null"/> for a trigger.</param>
    /// <param name="effect">The effect, which runs under the lock.</param>
    /// <param name="cancellationToken">The token of the call.</param>
    public async Task<T> CallAsync<T>(PlannedFailure? planned, BuildId? buildId, Func<T> effect, CancellationToken cancellationToken)
    {
        var isTrigger = buildId is null;
        if (planned is { Failure.Hanging: true })
        {
            await planned.HangAsync(cancellationToken).ConfigureAwait(false);
        }

        if (planned is { Failure.TakesEffect: false })
        {
            throw planned.Failure.ToException(isTrigger, buildId);
        }

        lock (Lock)
        {
            try
            {
                var answer = effect();
                return planned is null ? answer : throw planned.Failure.ToException(isTrigger, buildId);
            }
            catch (BuildRunnerException) when (planned is not null)
            {
                // A lost answer is lost, whatever the backend answers.
                throw planned.Failure.ToException(isTrigger, buildId);
            }
        }
    }
}
