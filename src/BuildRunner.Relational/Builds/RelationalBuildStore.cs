using System.Data.Common;
using BuildRunner.Orchestration;
using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Relational;

/// <summary>
/// Represents a store of builds in a table beside the queue's.
/// </summary>
/// <remarks>Safe for use by several threads. It has nothing to dispose.</remarks>
internal sealed class RelationalBuildStore : IBuildStore
{
    private readonly RelationalQueueEngine _engine;
    private readonly IBuildDatabase _database;
    private readonly BuildStatements _statements;
    private readonly BuildReads _reads;
    private readonly BuildSaves _saves;
    private readonly DocumentStore _documents;
    private readonly LineReads _lines;

    /// <summary>
    /// Initializes a new instance of the <see cref="RelationalBuildStore"/> class.
    /// </summary>
    /// <param name="engine">The queue, which brings the schema up to date before the first use.</param>
    /// <param name="database">The queue's database.</param>
    /// <exception cref="ArgumentNullException"><paramref name="engine"/> or <paramref name="database"/> is
    /// <see langword="null"/>.</exception>
    public RelationalBuildStore(RelationalQueueEngine engine, IBuildDatabase database)
    {
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(database);
        _engine = engine;
        _database = database;
        _statements = new BuildStatements(database.BuildDialect);
        _reads = new BuildReads(engine, database);
        _saves = new BuildSaves(engine, database);
        _documents = new DocumentStore(engine, database, _statements);
        _lines = new LineReads(engine, database);
    }

    /// <inheritdoc/>
    public Task CheckAsync(CancellationToken cancellationToken)
    {
        // A unique id, so that checks of several processes do not wait for each other.
        var id = $"check-{Guid.NewGuid()}";
        return _engine.RunAsync(
            async session =>
            {
                await session.ExecuteAsync(BuildStatements.InsertCheck(id), isLast: false, cancellationToken).ConfigureAwait(false);
                return await session.ExecuteAsync(BuildStatements.DeleteCheck(id), isLast: true, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => _reads.ReadAsync(id, cancellationToken);

    /// <inheritdoc/>
    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        return ReadAsync(BuildStatements.Find(key), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(runner);
        return ReadAsync(_statements.Find(runner, remoteId), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var (builds, _) = await RowsAsync(_statements.List(query), BuildRow.Read, cancellationToken).ConfigureAwait(false);
        return new BuildPage { Builds = builds, Next = builds.Count < query.Limit ? null : builds[^1].Id };
    }

    /// <inheritdoc/>
    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(publications);
        var token = Random.Shared.NextInt64();
        BuildSave save = new(build.Key, _statements.Insert(build, token), BuildStatements.FindSaved(build.Id, token), publications);
        return _saves.SaveAsync(save, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(publications);
        var token = Random.Shared.NextInt64();
        BuildSave save = new(build.Key, _statements.Update(build, token), BuildStatements.FindSaved(build.Id, token), publications);
        return _saves.SaveAsync(save, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<bool> TryUpdateAsync(
        Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(publications);
        ArgumentNullException.ThrowIfNull(guard);
        var token = Random.Shared.NextInt64();
        BuildSave save = new(build.Key, _statements.Update(build, token, guard), BuildStatements.FindSaved(build.Id, token), publications);
        return _saves.SaveAsync(save, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<LineReading> ReadLineAsync(
        string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) =>
        _lines.ReadAsync(runner, turns, slots, cancellationToken);

    /// <inheritdoc/>
    public Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        _documents.ReadAsync(names, cancellationToken);

    /// <inheritdoc/>
    public Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) =>
        _documents.ListAsync(prefix, limit, after, cancellationToken);

    /// <inheritdoc/>
    public Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken) =>
        _documents.TryCommitAsync(commit, cancellationToken);

    /// <inheritdoc/>
    public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) =>
        _documents.DeleteExpiredAsync(limit, cancellationToken);

    /// <inheritdoc/>
    public async Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken)
    {
        // Mostly there is nothing to delete, which this read finds without a transaction.
        var (ended, clock) =
            await RowsAsync(_statements.FirstEnded(), static row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        var until = clock.Floor - (long)Math.Ceiling(retention.TotalMilliseconds);
        return limit > 0 && ended is [var first] && first <= until
            ? await _engine.RunAsync(
                session => session.ExecuteAsync(_statements.DeleteEnded(until, limit), isLast: true, cancellationToken),
                cancellationToken).ConfigureAwait(false)
            : 0;
    }

    private async Task<BuildReading> ReadAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var (builds, clock) = await RowsAsync(statement, BuildRow.Read, cancellationToken).ConfigureAwait(false);
        return new BuildReading { Build = builds.Count == 0 ? null : builds[0], Now = BuildRow.Time(clock.Floor) };
    }

    private Task<(List<T> Rows, QueueClock Clock)> RowsAsync<T>(
        SqlStatement statement, Func<DbDataReader, T> read, CancellationToken cancellationToken) =>
        _engine.TryAsync(
            async () =>
            {
                List<T> rows = [];
                var clock = await _database.ReadAsync(statement, row => rows.Add(read(row)), cancellationToken).ConfigureAwait(false);
                return (rows, clock);
            },
            cancellationToken);
}
