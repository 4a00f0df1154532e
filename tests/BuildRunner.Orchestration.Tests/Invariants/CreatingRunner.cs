namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>A CI that creates a build at each trigger, whatever the key, and can look up the first of a key. A trigger that is repeated blindly shows.</summary>
internal sealed class CreatingRunner(FakeBuildRunner inner) : IBuildRunner, IBuildFinder
{
    private readonly Dictionary<string, BuildId> _byKey = [];

    public int Finds { get; private set; }

    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        var before = inner.Triggers.Count;
        try
        {
            return await inner.TriggerAsync(request with { TriggerKey = null }, cancellationToken);
        }
        finally
        {
            if (inner.Triggers.ElementAtOrDefault(before) is { BuildId: { } created })
            {
                _byKey.TryAdd(request.TriggerKey!, created);
            }
        }
    }

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) => inner.StatusAsync(buildId, cancellationToken);

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => inner.CancelAsync(buildId, cancellationToken);

    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        Finds++;
        return Task.FromResult(_byKey.TryGetValue(triggerKey, out var buildId) ? buildId : (BuildId?)null);
    }
}
