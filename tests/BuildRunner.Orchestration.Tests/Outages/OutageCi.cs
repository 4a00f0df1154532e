namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>A CI that records its triggers and loses some of its answers.</summary>
/// <param name="keepsKeys">Whether a trigger with a known key gets the build that there is. If not, each creates one, so that a blind repeat is seen.</param>
internal sealed class OutageCi(bool keepsKeys) : IBuildRunner, IBuildFinder
{
    private const int LosesEach = 20;

    private readonly Lock _gate = new();
    private readonly FakeBuildRunner _runner = Script(new FakeBuildRunner());
    private readonly Dictionary<string, List<BuildId>> _byKey = [];

    private int _triggers;

    /// <summary>Gets how many answers to triggers were lost.</summary>
    public int Lost { get; private set; }

    /// <summary>Gets the keys for which a build was asked for although there was one.</summary>
    public List<string> AskedAgain { get; } = [];

    public int Created
    {
        get
        {
            lock (_gate)
            {
                return _byKey.Values.Sum(static builds => builds.Count);
            }
        }
    }

    /// <summary>Gets the builds of a key.</summary>
    public IReadOnlyList<BuildId> Of(string key)
    {
        lock (_gate)
        {
            return [.. _byKey.GetValueOrDefault(key, [])];
        }
    }

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        bool isLost;
        BuildId id;
        lock (_gate)
        {
            // What its caller has given up is not begun any more.
            cancellationToken.ThrowIfCancellationRequested();
            id = Create(request);
            isLost = ++_triggers % LosesEach == 0;
            Lost += isLost ? 1 : 0;
        }

        await Task.Yield();
        return isLost ? throw new TriggerOutcomeUnknownException("The answer was lost.") : id;
    }

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) =>
        Task.FromResult(Of(triggerKey) is [var first, ..] ? first : (BuildId?)null);

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) => _runner.StatusAsync(buildId, cancellationToken);

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => _runner.CancelAsync(buildId, cancellationToken);

    private static FakeBuildRunner Script(FakeBuildRunner runner)
    {
        runner.EveryBuild(static _ => FakeBuild.Succeeds(TimeSpan.FromMilliseconds(500 + Random.Shared.Next(3000))));
        return runner;
    }

    private BuildId Create(BuildRequest request)
    {
        var key = request.TriggerKey!;
        if (_byKey.TryGetValue(key, out var builds))
        {
            AskedAgain.Add(key);
            if (keepsKeys)
            {
                return builds[0];
            }
        }
        else
        {
            _byKey.Add(key, builds = []);
        }

        builds.Add(_runner.TriggerAsync(request with { TriggerKey = null }, CancellationToken.None).GetAwaiter().GetResult());
        return builds[^1];
    }
}
