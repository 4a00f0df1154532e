using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Orchestration;

/// <summary>
/// Represents a store in the memory of this process, beside an <see cref="InMemoryQueueEngine"/>, for tests and demonstrations.
/// </summary>
/// <remarks>Safe for use by several threads. All methods complete before they return.</remarks>
internal sealed class InMemoryBuildStore : IBuildStore
{
    private readonly InMemoryQueueEngine _engine;
    private readonly TimeProvider _timeProvider;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Build> _builds = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Runner, BuildId RemoteId), string> _byRemoteId = [];

    /// <summary>
    /// Initializes a new instance of the <see cref="InMemoryBuildStore"/> class.
    /// </summary>
    /// <param name="engine">The queue.</param>
    /// <param name="timeProvider">The clock of the store, which must be that of the queue.</param>
    /// <exception cref="ArgumentNullException"><paramref name="engine"/> or <paramref name="timeProvider"/> is <see langword="null"/>.</exception>
    public InMemoryBuildStore(InMemoryQueueEngine engine, TimeProvider timeProvider)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(timeProvider);
        _engine = engine;
        _timeProvider = timeProvider;
    }

    private DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds(_timeProvider.GetUtcNow().ToUnixTimeMilliseconds());

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => ReadAsync(() => IdOf(id), cancellationToken);

    /// <inheritdoc/>
    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) => ReadAsync(() => _byKey.GetValueOrDefault(key), cancellationToken);

    /// <inheritdoc/>
    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken) => ReadAsync(() => _byRemoteId.GetValueOrDefault((runner, remoteId)), cancellationToken);

    /// <inheritdoc/>
    public Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<BuildPage>(cancellationToken);
        }

        lock (_gate)
        {
            var inOrder = query.Order == BuildOrder.NewestFirst ? _builds.Values.Reverse() : _builds.Values;
            List<Build> builds = [.. inOrder.Where(build => IsWanted(build, query)).Take(query.Limit)];
            return Task.FromResult(new BuildPage { Builds = builds, Next = builds.Count < query.Limit ? null : builds[^1].Id });
        }
    }

    /// <inheritdoc/>
    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(build);
        return TryPublish(() => TryCreate(build), publications, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(build);
        return TryPublish(() => TryUpdate(build), publications, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<int>(cancellationToken);
        }

        lock (_gate)
        {
            var now = Now;
            List<Build> ended = [.. _builds.Values.Where(build => now - build.EndedAt >= retention).Take(limit)];
            foreach (var build in ended)
            {
                _builds.Remove(IdOf(build.Id));
                _byKey.Remove(build.Key);
                if (build.RemoteId is { } remoteId && _byRemoteId.GetValueOrDefault((build.Runner, remoteId)) == IdOf(build.Id))
                {
                    _byRemoteId.Remove((build.Runner, remoteId));
                }
            }

            return Task.FromResult(ended.Count);
        }
    }

    private static string IdOf(Guid id) => id.ToString();

    private static bool IsWanted(Build build, BuildQuery query) =>
        IsAfter(build.Id, query)
        && (query.OwnerId is null || build.OwnerId == query.OwnerId)
        && (query.Runner is null || build.Runner == query.Runner)
        && (query.Status is null || build.Status == query.Status)
        && (query.HasEnded is null || build.Status.IsTerminal() == query.HasEnded);

    private static bool IsAfter(Guid id, BuildQuery query)
    {
        var comparison = query.After is { } after ? string.CompareOrdinal(IdOf(id), IdOf(after)) : 0;
        return query.After is null || (query.Order == BuildOrder.NewestFirst ? comparison < 0 : comparison > 0);
    }

    private Task<bool> TryPublish(Func<bool> change, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) => cancellationToken.IsCancellationRequested
        ? Task.FromCanceled<bool>(cancellationToken)
        : Task.FromResult(_engine.TryPublish(change, publications));

    private Task<BuildReading> ReadAsync(Func<string?> find, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<BuildReading>(cancellationToken);
        }

        lock (_gate)
        {
            return Task.FromResult(new BuildReading { Build = find() is { } id ? _builds.GetValueOrDefault(id) : null, Now = Now });
        }
    }

    private bool TryCreate(Build build)
    {
        lock (_gate)
        {
            if (!_byKey.TryAdd(build.Key, IdOf(build.Id)))
            {
                return false;
            }

            Put(build);
            return true;
        }
    }

    private bool TryUpdate(Build build)
    {
        lock (_gate)
        {
            if (_builds.GetValueOrDefault(IdOf(build.Id))?.Version != build.Version - 1)
            {
                return false;
            }

            Put(build);
            return true;
        }
    }

    private void Put(Build build)
    {
        var id = IdOf(build.Id);
        _builds[id] = build;
        if (build.RemoteId is { } remoteId && string.CompareOrdinal(_byRemoteId.GetValueOrDefault((build.Runner, remoteId)), id) < 0)
        {
            _byRemoteId[(build.Runner, remoteId)] = id;
        }
    }
}
