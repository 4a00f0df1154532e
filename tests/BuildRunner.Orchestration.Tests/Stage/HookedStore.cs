using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Stage;

internal sealed class HookedStore(IBuildStore inner, CallHook hook, TopicChanges changes) : IBuildStore
{
    public Task CheckAsync(CancellationToken cancellationToken) => hook.RunAsync("store.check", async () => { await inner.CheckAsync(cancellationToken); return true; }, cancellationToken);

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => hook.RunAsync("store.read", () => inner.ReadAsync(id, cancellationToken), cancellationToken);

    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) => hook.RunAsync("store.read-key", () => inner.ReadAsync(key, cancellationToken), cancellationToken);

    public Task<BuildReading> ReadAsync(string runner, BuildId buildId, CancellationToken cancellationToken) => hook.RunAsync("store.read-id", () => inner.ReadAsync(runner, buildId, cancellationToken), cancellationToken);

    public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken) => hook.RunAsync("store.list", () => inner.ListAsync(query, cancellationToken), cancellationToken);

    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) => hook.RunAsync("store.create", () => changes.CountAsync(publications, () => inner.TryCreateAsync(build, publications, cancellationToken)), cancellationToken);

    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) => hook.RunAsync("store.update", () => changes.CountAsync(publications, () => inner.TryUpdateAsync(build, publications, cancellationToken)), cancellationToken);

    public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken) => hook.RunAsync("store.delete", () => inner.DeleteEndedAsync(retention, limit, cancellationToken), cancellationToken);
}
