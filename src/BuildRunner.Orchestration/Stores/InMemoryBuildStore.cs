namespace BuildRunner.Orchestration;

/// <summary>A store in the memory of this process, beside its queue, for tests and demonstrations. Safe for use by several threads; all
/// methods complete before they return.</summary>
internal sealed class InMemoryBuildStore(InMemoryQueueEngine engine, TimeProvider timeProvider) : IBuildStore
{
    private readonly Lock _gate = new();

    // Ids are in the order of their text.
    private readonly SortedDictionary<Guid, Build> _builds = [];
    private readonly Dictionary<string, Guid> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Runner, BuildId RemoteId), Guid> _byRemoteId = [];
    private readonly Dictionary<Guid, string> _histories = [];
    private readonly InMemoryLines _lines = new();
    private readonly SortedDictionary<string, BuildDocument> _documents = new(StringComparer.Ordinal);

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(timeProvider.GetUtcNow().ToUnixTimeMilliseconds());

    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => ReadAsync(() => id, cancellationToken);

    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) =>
        ReadAsync(() => _byKey.GetValueOrDefault(key), cancellationToken);

    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken) =>
        ReadAsync(() => _byRemoteId.GetValueOrDefault((runner, remoteId)), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        ReadAllAsync(() => ids, cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        ReadAllAsync(() => keys.Select(key => _byKey.GetValueOrDefault(key)), cancellationToken);

    public Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken) =>
        LockedAsync(() => _histories.GetValueOrDefault(id), cancellationToken);

    public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var inOrder = query.Order == BuildOrder.NewestFirst ? _builds.Values.Reverse() : _builds.Values;
            List<Build> builds = [.. inOrder.Where(build => IsWanted(build, query)).Take(query.Limit)];
            return new BuildPage { Builds = builds, Next = builds.Count < query.Limit ? null : builds[^1].Id };
        },
        cancellationToken);

    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
        engine.TryPublishAsync(Creating(build), publications, cancellationToken);

    public async Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(
        IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken)
    {
        var isCreated = await engine.TryPublishAllAsync(
            [.. builds.Select(item => (Creating(item.Build), item.Messages))], cancellationToken).ConfigureAwait(false);
        return [.. isCreated.Select(static created => new BuildCreateResult(created))];
    }

    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
        engine.TryPublishAsync(
            Saving(() => _builds.GetValueOrDefault(build.Id)?.Version == build.Version - 1, build), publications, cancellationToken);

    public Task<bool> TryUpdateAsync(
        Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken) =>
        engine.TryPublishAsync(
            Saving(() => Holds(guard) && _builds.GetValueOrDefault(build.Id)?.Version == build.Version - 1, build),
            publications,
            cancellationToken);

    public Task<LineReading> ReadLineAsync(
        string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var (inUse, next, oldest) = _lines.Read(runner, turns, slots);
            return new LineReading
            {
                InUse = inUse,
                Next = next is { } id ? _builds[id] : null,
                Oldest = oldest is { } first ? _builds[first] : null,
                Now = Now,
            };
        },
        cancellationToken);

    public Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) => LockedAsync(
        () => new DocumentReading
        {
            Documents = [.. names.Select(name => _documents.GetValueOrDefault(name)).OfType<BuildDocument>()],
            Now = Now,
        },
        cancellationToken);

    public Task<DocumentReading> ListDocumentsAsync(
        string prefix, int limit, string? after, CancellationToken cancellationToken) => LockedAsync(
        () => new DocumentReading
        {
            Documents =
            [
                .. _documents.Values.Where(document => document.Name.StartsWith(prefix, StringComparison.Ordinal)
                    && string.CompareOrdinal(document.Name, after ?? prefix) > 0).Take(limit),
            ],
            Now = Now,
        },
        cancellationToken);

    public Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken) => engine.TryPublishAsync(
        () =>
        {
            lock (_gate)
            {
                if ((commit.Guard is { } guard && !Holds(guard))
                    || !commit.Documents.All(document => Holds(new(document.Name, document.Version - 1)))
                    || commit.Created.Any(build => _byKey.ContainsKey(build.Key))
                    || !commit.Updated.All(build => _builds.GetValueOrDefault(build.Id)?.Version == build.Version - 1))
                {
                    return false;
                }

                foreach (var document in commit.Documents)
                {
                    _documents[document.Name] = document;
                }

                foreach (var build in commit.Created)
                {
                    _byKey.Add(build.Key, build.Id);
                }

                foreach (var build in commit.Created.Concat(commit.Updated))
                {
                    Put(build);
                }

                return true;
            }
        },
        commit.Messages,
        cancellationToken);

    public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var now = Now;
            List<BuildDocument> expired = [.. _documents.Values.Where(document => document.ExpiresAt <= now).Take(limit)];
            expired.ForEach(document => _documents.Remove(document.Name));
            return expired.Count;
        },
        cancellationToken);

    public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var now = Now;
            List<Build> ended = [.. _builds.Values.Where(build => now - build.EndedAt >= retention).Take(limit)];
            foreach (var build in ended)
            {
                _builds.Remove(build.Id);
                _histories.Remove(build.Id);
                _lines.Put(build, after: null);
                _byKey.Remove(build.Key);
                Forget(build);
            }

            return ended.Count;
        },
        cancellationToken);

    private bool Holds(DocumentGuard guard) => (_documents.GetValueOrDefault(guard.Name)?.Version ?? 0) == guard.Version;

    private static bool IsWanted(Build build, BuildQuery query) =>
        (query.After is not { } after || (query.Order == BuildOrder.NewestFirst ? build.Id < after : build.Id > after))
        && (query.OwnerId is null || build.OwnerId == query.OwnerId)
        && (query.Runner is null || build.Runner == query.Runner)
        && (query.Status is null || build.Status == query.Status)
        && (query.HasEnded is null || build.Status.IsTerminal() == query.HasEnded)
        && (query.Tag is null || build.Tag == query.Tag)
        && (query.KeyPrefix is null || build.Key.StartsWith(query.KeyPrefix, StringComparison.Ordinal))
        && (query.SubmittedFrom is null || build.CreatedAt >= query.SubmittedFrom)
        && (query.SubmittedBefore is null || build.CreatedAt < query.SubmittedBefore);

    private Task<T> LockedAsync<T>(Func<T> run, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        lock (_gate)
        {
            return Task.FromResult(run());
        }
    }

    private Task<BuildReading> ReadAsync(Func<Guid> find, CancellationToken cancellationToken) => LockedAsync(
        () => new BuildReading { Build = _builds.GetValueOrDefault(find()), Now = Now },
        cancellationToken);

    private Task<BuildReadings> ReadAllAsync(Func<IEnumerable<Guid>> find, CancellationToken cancellationToken) => LockedAsync(
        () => new BuildReadings
        {
            Builds = [.. find().Distinct().Select(id => _builds.GetValueOrDefault(id)).OfType<Build>()],
            Now = Now,
        },
        cancellationToken);

    private Func<bool> Creating(Build build) => Saving(() => _byKey.TryAdd(build.Key, build.Id), build);

    // The lock of the queue comes first.
    private Func<bool> Saving(Func<bool> isFree, Build build) => () =>
    {
        lock (_gate)
        {
            if (!isFree())
            {
                return false;
            }

            Put(build);
            return true;
        }
    };

    private void Put(Build build)
    {
        _lines.Put(_builds.GetValueOrDefault(build.Id), build);

        // Another attempt has another id.
        if (_builds.GetValueOrDefault(build.Id) is { RemoteId: { } last } before && last != build.RemoteId)
        {
            Forget(before);
        }

        _builds[build.Id] = build with { NewHistory = null };
        if (build.NewHistory is { } lines)
        {
            _histories[build.Id] = HistoryLine.Append(_histories.GetValueOrDefault(build.Id), build, lines);
        }

        if (build.RemoteId is { } remoteId && _byRemoteId.GetValueOrDefault((build.Runner, remoteId)) < build.Id)
        {
            _byRemoteId[(build.Runner, remoteId)] = build.Id;
        }
    }

    private void Forget(Build build)
    {
        if (build.RemoteId is { } remoteId && _byRemoteId.GetValueOrDefault((build.Runner, remoteId)) == build.Id)
        {
            _byRemoteId.Remove((build.Runner, remoteId));
        }
    }
}
