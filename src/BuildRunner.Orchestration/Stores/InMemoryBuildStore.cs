namespace BuildRunner.Orchestration;

/// <summary>A store in the memory of this process, beside its queue, for tests and demonstrations. Safe for use by several threads; all
/// methods complete before they return.</summary>
internal sealed class InMemoryBuildStore(InMemoryQueueEngine engine, TimeProvider timeProvider) : IBuildStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Record> _byId = [];
    private readonly Dictionary<string, Record> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Runner, BuildId RemoteId), Record> _byRemoteId = [];
    private readonly InMemoryLines _lines = new();
    private readonly SortedDictionary<string, BuildDocument> _documents = new(StringComparer.Ordinal);

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(timeProvider.GetUtcNow().ToUnixTimeMilliseconds());

    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) =>
        LockedAsync(() => ReadingOf(_byId.GetValueOrDefault(id)), cancellationToken);

    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) =>
        LockedAsync(() => ReadingOf(_byKey.GetValueOrDefault(key)), cancellationToken);

    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken) =>
        LockedAsync(() => ReadingOf(_byRemoteId.GetValueOrDefault((runner, remoteId))), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        ReadAllAsync(() => ids.Select(id => _byId.GetValueOrDefault(id)), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        ReadAllAsync(() => keys.Select(key => _byKey.GetValueOrDefault(key)), cancellationToken);

    public Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken) =>
        LockedAsync(() => _byId.GetValueOrDefault(id)?.History, cancellationToken);

    public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            // Ids are in the order of their text.
            var found = _byId.Values.Select(static record => record.Build).Where(build => IsWanted(build, query));
            var inOrder = query.Order == BuildOrder.NewestFirst
                ? found.OrderByDescending(static build => build.Id)
                : found.OrderBy(static build => build.Id);
            List<Build> builds = [.. inOrder.Take(query.Limit)];
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
        engine.TryPublishAsync(Updating(build, guard: null), publications, cancellationToken);

    public Task<bool> TryUpdateAsync(
        Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken) =>
        engine.TryPublishAsync(Updating(build, guard), publications, cancellationToken);

    public Task<LineReading> ReadLineAsync(
        string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) => LockedAsync(
        () =>
        {
            var (inUse, next, oldest) = _lines.Read(runner, turns, slots);
            return new LineReading
            {
                InUse = inUse,
                Next = next is { } id ? _byId[id].Build : null,
                Oldest = oldest is { } first ? _byId[first].Build : null,
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
                    || !commit.Updated.All(IsNext))
                {
                    return false;
                }

                foreach (var document in commit.Documents)
                {
                    _documents[document.Name] = document;
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
            List<Record> ended = [.. _byId.Values.Where(record => now - record.Build.EndedAt >= retention).Take(limit)];
            foreach (var record in ended)
            {
                _byId.Remove(record.Build.Id);
                _byKey.Remove(record.Build.Key);
                _lines.Put(record.Build, after: null);
                Forget(record);
            }

            return ended.Count;
        },
        cancellationToken);

    private bool IsNext(Build build) => _byId.GetValueOrDefault(build.Id)?.Build.Version == build.Version - 1;

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

    private BuildReading ReadingOf(Record? record) => new() { Build = record?.Build, Now = Now };

    private Task<BuildReadings> ReadAllAsync(Func<IEnumerable<Record?>> find, CancellationToken cancellationToken) => LockedAsync(
        () => new BuildReadings
        {
            Builds = [.. find().OfType<Record>().Distinct().Select(static record => record.Build)],
            Now = Now,
        },
        cancellationToken);

    // The lock of the queue comes first.
    private Func<bool> Creating(Build build) => () =>
    {
        lock (_gate)
        {
            return TryPut(build, isFree: !_byKey.ContainsKey(build.Key));
        }
    };

    private Func<bool> Updating(Build build, DocumentGuard? guard) => () =>
    {
        lock (_gate)
        {
            return TryPut(build, isFree: IsNext(build) && (guard is null || Holds(guard)));
        }
    };

    private bool TryPut(Build build, bool isFree)
    {
        if (isFree)
        {
            Put(build);
        }

        return isFree;
    }

    private void Put(Build build)
    {
        if (_byId.TryGetValue(build.Id, out var record))
        {
            // Another attempt has another id.
            if (record.Build.RemoteId != build.RemoteId)
            {
                Forget(record);
            }

            _lines.Put(record.Build, build);
            record.Update(build);
        }
        else
        {
            record = new Record(build);
            _byId.Add(build.Id, record);
            _byKey.Add(build.Key, record);
            _lines.Put(before: null, build);
        }

        if (build.RemoteId is { } remoteId
            && (!_byRemoteId.TryGetValue((build.Runner, remoteId), out var other) || other.Build.Id < build.Id))
        {
            _byRemoteId[(build.Runner, remoteId)] = record;
        }
    }

    private void Forget(Record record)
    {
        if (record.Build is { RemoteId: { } remoteId, Runner: var runner }
            && _byRemoteId.GetValueOrDefault((runner, remoteId)) == record)
        {
            _byRemoteId.Remove((runner, remoteId));
        }
    }

    private sealed class Record(Build build)
    {
        // Null while the history is only its first line, which OfNew derives.
        private string? _history;

        public Build Build { get; private set; } = build;

        public string History => _history ?? HistoryLine.OfNew(Build);

        public void Update(Build next)
        {
            _history = next.NewHistory is { } lines ? HistoryLine.Append(History, next, lines) : _history;
            Build = next.WithoutHistory();
        }
    }
}
