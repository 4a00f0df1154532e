using System.Collections.Concurrent;
using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>Every record that was ever committed, by whatever process.</summary>
internal sealed class BuildLedger
{
    private readonly Lock _gate = new();
    private readonly List<Build> _commits = [];
    private readonly Dictionary<string, Build> _others = [];
    private int _verdicts;

    /// <summary>Gets or sets what is done when a record was committed.</summary>
    public Func<Build, Task> OnCommitAsync { get; set; } = static _ => Task.CompletedTask;

    public IReadOnlyList<Build> Commits
    {
        get
        {
            lock (_gate)
            {
                return [.. _commits.OrderBy(static build => build.Version)];
            }
        }
    }

    /// <summary>Gets the records of builds that are there beside it, by their keys, as they are now.</summary>
    public IReadOnlyDictionary<string, Build> Others
    {
        get
        {
            lock (_gate)
            {
                return new Dictionary<string, Build>(_others);
            }
        }
    }

    /// <summary>Gets how often it was committed that a group has its verdict.</summary>
    public int Verdicts => _verdicts;

    /// <summary>Gets the record of the other build as it is now, or <see langword="null"/> if there is none.</summary>
    public Build? Neighbour => Others.GetValueOrDefault(CrashWorld.NeighbourKey);

    /// <summary>Gets the record as it is now, or <see langword="null"/> if there is none.</summary>
    public Build? Last => Commits is [.., var last] ? last : null;

    /// <summary>Gets the documents as they are now, by name.</summary>
    public ConcurrentDictionary<string, BuildDocument> Documents { get; } = [];

    public IBuildStore Around(IBuildStore store) => new Store(store, this);

    private async Task<bool> CommittedAsync(Build build, bool isDone)
    {
        if (isDone && build.Key != Submissions.Of().Key)
        {
            lock (_gate)
            {
                _others[build.Key] = _others.TryGetValue(build.Key, out var known) && known.Version > build.Version ? known : build;
            }
        }
        else if (isDone)
        {
            lock (_gate)
            {
                _commits.Add(build);
            }

            await OnCommitAsync(build);
        }

        return isDone;
    }

    private sealed class Store(IBuildStore inner, BuildLedger ledger) : IBuildStore
    {
        public Task CheckAsync(CancellationToken cancellationToken) => inner.CheckAsync(cancellationToken);

        public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => inner.ReadAsync(id, cancellationToken);

        public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) => inner.ReadAsync(key, cancellationToken);

        public Task<BuildReading> ReadAsync(string runner, BuildId buildId, CancellationToken cancellationToken) => inner.ReadAsync(runner, buildId, cancellationToken);

        public Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => inner.ReadAllAsync(ids, cancellationToken);

        public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => inner.ReadAllAsync(keys, cancellationToken);

        public Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken) => inner.ReadHistoryAsync(id, cancellationToken);

        public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken) => inner.ListAsync(query, cancellationToken);

        public async Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
            await ledger.CommittedAsync(build, await inner.TryCreateAsync(build, publications, cancellationToken));

        public async Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken)
        {
            var results = await inner.TryCreateAllAsync(builds, cancellationToken);
            foreach (var (create, result) in builds.Zip(results))
            {
                await ledger.CommittedAsync(create.Build, result.IsCreated);
            }

            return results;
        }

        public async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
            await ledger.CommittedAsync(build, await inner.TryUpdateAsync(build, publications, cancellationToken));

        public async Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken) =>
            await ledger.CommittedAsync(build, await inner.TryUpdateAsync(build, publications, guard, cancellationToken));

        public Task<LineReading> ReadLineAsync(string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) => inner.ReadLineAsync(runner, turns, slots, cancellationToken);

        public Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => inner.ReadDocumentsAsync(names, cancellationToken);

        public Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) => inner.ListDocumentsAsync(prefix, limit, after, cancellationToken);

        public async Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken)
        {
            var isDone = await inner.TryCommitAsync(commit, cancellationToken);
            if (isDone && commit.Messages.Any(static message => message.Topic == BuildTopics.Change && message.Message.Id.StartsWith("group/", StringComparison.Ordinal)))
            {
                Interlocked.Increment(ref ledger._verdicts);
            }

            foreach (var document in commit.Documents.Where(_ => isDone))
            {
                ledger.Documents.AddOrUpdate(document.Name, document, (_, before) => before.Version < document.Version ? document : before);
            }

            foreach (var build in commit.Created.Concat(commit.Updated))
            {
                await ledger.CommittedAsync(build, isDone);
            }

            return isDone;
        }

        public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) => inner.DeleteExpiredDocumentsAsync(limit, cancellationToken);

        public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken) => inner.DeleteEndedAsync(retention, limit, cancellationToken);
    }
}
