namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>
/// The hardest runner that keeps the contract. One that finds by key looks the key up before it creates, so that two triggers at the same time create two builds; one that does not ignores the key.
/// </summary>
internal class CrashRunner(CrashWorld world, CallHook hook) : IBuildRunner
{
    public static IBuildRunner Of(CrashWorld world, CallHook hook) => world.Finds ? new Finder(world, hook) : new CrashRunner(world, hook);

    public virtual Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
        hook.RunAsync("runner.create", () => CreateAsync(request, TokenOf(cancellationToken)), CancellationToken.None);

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        if (world.Neighbour.StatusOf(buildId) is { } snapshot)
        {
            return Task.FromResult(snapshot);
        }

        world.ThrowIfPollsAreFaulty();
        return world.Ci.StatusAsync(buildId, TokenOf(cancellationToken));
    }

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        world.ThrowIfCancelsAreFaulty();
        return world.Ci.CancelAsync(buildId, TokenOf(cancellationToken));
    }

    private async Task<BuildId> CreateAsync(BuildRequest request, CancellationToken cancellationToken)
    {
        if (world.IsOfNeighbour(request.TriggerKey!))
        {
            var neighbour = world.Neighbour.Create(request.TriggerKey!);
            await world.CountAsync();
            return neighbour;
        }

        world.ThrowIfTriggersAreFaulty();
        try
        {
            return await world.Ci.TriggerAsync(request with { TriggerKey = null }, cancellationToken);
        }
        finally
        {
            // Also where the answer is lost.
            if (world.Ci.Triggers is [.., { BuildId: { } buildId }])
            {
                world.ByKey.TryAdd(request.TriggerKey!, buildId);
            }

            await world.CountAsync();
        }
    }

    private CancellationToken TokenOf(CancellationToken cancellationToken) => world.IgnoresTokens ? CancellationToken.None : cancellationToken;

    private sealed class Finder(CrashWorld world, CallHook hook) : CrashRunner(world, hook), IBuildFinder
    {
        private readonly CrashWorld _world = world;

        public override async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) =>
            await LookUpAsync(request.TriggerKey!) ?? await base.TriggerAsync(request, cancellationToken);

        public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
        {
            TokenOf(cancellationToken).ThrowIfCancellationRequested();
            return _world.TakeFindError() ? throw new BuildRunnerException("The lookup is not available for a moment.") { IsTransient = true } : await LookUpAsync(triggerKey);
        }

        // The log meets no failure that is planned for another call.
        private async Task<BuildId?> LookUpAsync(string key)
        {
            if (_world.IsOfNeighbour(key))
            {
                return _world.Neighbour.Find(key);
            }

            if (!_world.ByKey.TryGetValue(key, out var buildId))
            {
                return null;
            }

            try
            {
                await using var log = await _world.Ci.OpenLogAsync(buildId, CancellationToken.None);
                return buildId;
            }
            catch (BuildNotFoundException)
            {
                return null;
            }
        }
    }
}
