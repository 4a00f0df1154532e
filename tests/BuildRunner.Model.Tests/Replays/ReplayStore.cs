using BuildRunner.Orchestration;
using BuildRunner.Queue;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The store in memory, whose reads and saves wait for their turn.</summary>
internal sealed class ReplayStore(IBuildStore inner, ReplayHook hook) : IBuildStore
{
    public ReplayFault Fault { get; set; } = new();

    public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

    public async Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.Read);
        return await inner.ReadAsync(id, cancellationToken);
    }

    public async Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.Read);
        return await inner.ReadAsync(key, cancellationToken);
    }

    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken) => inner.ReadAsync(runner, remoteId, cancellationToken);

    public async Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.ReadAll);
        return await inner.ReadAllAsync(ids, cancellationToken);
    }

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => inner.ReadAllAsync(keys, cancellationToken);

    public Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken) => inner.ReadHistoryAsync(id, cancellationToken);

    public Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken) => inner.TryCreateAllAsync(builds, cancellationToken);

    public async Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.List);
        return await inner.ListAsync(query, cancellationToken);
    }

    public async Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.Insert);
        return await inner.TryCreateAsync(build, publications, cancellationToken);
    }

    public async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.Save);
        return await inner.TryUpdateAsync(Kept(build), Kept(publications), cancellationToken);
    }

    public async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.SaveGuarded);
        return Fault.IgnoresGuards
            ? await inner.TryUpdateAsync(build, Kept(publications), cancellationToken)
            : await inner.TryUpdateAsync(build, Kept(publications), guard, cancellationToken);
    }

    public async Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.Commit);
        return await inner.TryCommitAsync(commit with { Documents = await KeptAsync(commit.Documents), Messages = Kept(commit.Messages) }, cancellationToken);
    }

    public async Task<LineReading> ReadLineAsync(string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.ReadLine);
        return await inner.ReadLineAsync(runner, turns, slots, cancellationToken);
    }

    public async Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        await hook.MeetAsync(ReplayCall.ReadDocuments);
        return await inner.ReadDocumentsAsync(names, cancellationToken);
    }

    public Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) =>
        inner.ListDocumentsAsync(prefix, limit, after, cancellationToken);

    public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) => inner.DeleteExpiredDocumentsAsync(limit, cancellationToken);

    public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken) => inner.DeleteEndedAsync(retention, limit, cancellationToken);

    private Build Kept(Build build) => Fault.ForgetsSettling ? build with { Bookkeeping = build.Bookkeeping with { SettledAt = null } } : build;

    private IReadOnlyList<OutgoingMessage> Kept(IReadOnlyList<OutgoingMessage> messages) =>
        Fault.LosesTopic is { } topic ? [.. messages.Where(message => message.Topic != topic)] : messages;

    private async Task<IReadOnlyList<BuildDocument>> KeptAsync(IReadOnlyList<BuildDocument> documents)
    {
        if (!Fault.ComparesNoDocuments)
        {
            return Fault.LosesDocuments ? [] : documents;
        }

        var saved = (await inner.ReadDocumentsAsync([.. documents.Select(static document => document.Name)], CancellationToken.None)).Documents;
        return [.. documents.Select(document => document with { Version = (saved.FirstOrDefault(before => before.Name == document.Name)?.Version ?? 0) + 1 })];
    }
}
