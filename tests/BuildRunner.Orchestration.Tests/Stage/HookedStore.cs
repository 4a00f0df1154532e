using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Stage;

internal sealed class HookedStore(IBuildStore inner, CallHook hook, TopicChanges changes) : IBuildStore
{
    public Task CheckAsync(CancellationToken cancellationToken) => hook.RunAsync("store.check", async () => { await inner.CheckAsync(cancellationToken); return true; }, cancellationToken);

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => hook.RunAsync("store.read", () => inner.ReadAsync(id, cancellationToken), cancellationToken);

    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) => hook.RunAsync("store.read-key", () => inner.ReadAsync(key, cancellationToken), cancellationToken);

    public Task<BuildReading> ReadAsync(string runner, BuildId buildId, CancellationToken cancellationToken) => hook.RunAsync("store.read-id", () => inner.ReadAsync(runner, buildId, cancellationToken), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => hook.RunAsync("store.read-all", () => inner.ReadAllAsync(ids, cancellationToken), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => hook.RunAsync("store.read-keys", () => inner.ReadAllAsync(keys, cancellationToken), cancellationToken);

    public Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken) => hook.RunAsync("store.history", () => inner.ReadHistoryAsync(id, cancellationToken), cancellationToken);

    public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken) => hook.RunAsync("store.list", () => inner.ListAsync(query, cancellationToken), cancellationToken);

    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) => hook.RunAsync("store.create", () => changes.CountAsync(publications, () => inner.TryCreateAsync(build, publications, cancellationToken)), cancellationToken);

    public Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken) => hook.RunAsync("store.create-all", () => changes.CountAsync([.. builds.SelectMany(static build => build.Messages)], () => CreateAllAsync(builds, cancellationToken)), cancellationToken);

    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) => hook.RunAsync("store.update", () => changes.CountAsync(publications, () => inner.TryUpdateAsync(build, publications, cancellationToken)), cancellationToken);

    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken) => hook.RunAsync("store.update", () => changes.CountAsync(publications, () => inner.TryUpdateAsync(build, publications, guard, cancellationToken)), cancellationToken);

    public Task<LineReading> ReadLineAsync(string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) => hook.RunAsync("store.line", () => inner.ReadLineAsync(runner, turns, slots, cancellationToken), cancellationToken);

    public Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => hook.RunAsync("store.documents", () => inner.ReadDocumentsAsync(names, cancellationToken), cancellationToken);

    public Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) => hook.RunAsync("store.list-documents", () => inner.ListDocumentsAsync(prefix, limit, after, cancellationToken), cancellationToken);

    public Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken) => hook.RunAsync("store.commit", () => changes.CountAsync(commit.Messages, () => inner.TryCommitAsync(commit, cancellationToken)), cancellationToken);

    public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) => hook.RunAsync("store.delete-documents", () => inner.DeleteExpiredDocumentsAsync(limit, cancellationToken), cancellationToken);

    public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken) => hook.RunAsync("store.delete", () => inner.DeleteEndedAsync(retention, limit, cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<BuildCreateResult>> CreateAllAsync(IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken)
    {
        var taken = builds.Where(build => hook.RefusalOf(build.Build) is null).ToList();
        Queue<BuildCreateResult> results = new(await inner.TryCreateAllAsync(taken, cancellationToken));
        return [.. builds.Select(build => hook.RefusalOf(build.Build) is { } refusal ? new BuildCreateResult(false, refusal) : results.Dequeue())];
    }
}
