using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;
using BuildRunner.Queue;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The store in memory, whose reads and saves wait for their turn.</summary>
internal sealed class ReplayStore(IBuildStore inner, ReplayHook hook) : IBuildStore
{
    public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public async Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(Call.Read);
        return await inner.ReadAsync(id, cancellationToken);
    }

    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) => inner.ReadAsync(key, cancellationToken);

    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken) => inner.ReadAsync(runner, remoteId, cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => inner.ReadAllAsync(ids, cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => inner.ReadAllAsync(keys, cancellationToken);

    public Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken) => inner.ReadHistoryAsync(id, cancellationToken);

    public Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken) => inner.TryCreateAllAsync(builds, cancellationToken);

    public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
        inner.TryCreateAsync(build, publications, cancellationToken);

    public async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(Call.Save);
        return await inner.TryUpdateAsync(build, publications, cancellationToken);
    }

    public async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(Call.Save);
        return await inner.TryUpdateAsync(build, publications, guard, cancellationToken);
    }

    public async Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(Call.Save);
        return await inner.TryCommitAsync(commit, cancellationToken);
    }

    public Task<LineReading> ReadLineAsync(string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) =>
        inner.ReadLineAsync(runner, turns, slots, cancellationToken);

    public Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => inner.ReadDocumentsAsync(names, cancellationToken);

    public Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) =>
        inner.ListDocumentsAsync(prefix, limit, after, cancellationToken);

    public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) => inner.DeleteExpiredDocumentsAsync(limit, cancellationToken);

    public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken) => inner.DeleteEndedAsync(retention, limit, cancellationToken);
}
