using Microsoft.Extensions.Logging;

namespace BuildRunner.Relational;

/// <summary>Keeps builds in a table beside the queue's. Safe for use by several threads. It has nothing to dispose.</summary>
internal sealed partial class RelationalBuildStore(RelationalQueueEngine engine, IBuildDatabase database, ILogger? logger = null)
    : IBuildStore
{
    private readonly BuildStatements _statements = new(database.BuildDialect);
    private readonly BuildReads _reads = new(engine, database);
    private readonly BuildSaves _saves = new(engine, database);
    private readonly DocumentStore _documents = new(engine, database, new(database.BuildDialect));
    private readonly LineReads _lines = new(engine, database);
    private readonly ILogger _logger = HarmlessLogger.Of(logger);

    public Task CheckAsync(CancellationToken cancellationToken)
    {
        // A unique id, so that checks of several processes do not wait for each other.
        var id = $"check-{Guid.NewGuid()}";
        return engine.RunAsync(
            async session =>
            {
                await session.ExecuteAsync(BuildStatements.InsertCheck(id), isLast: false, cancellationToken).ConfigureAwait(false);
                return await session.ExecuteAsync(BuildStatements.DeleteCheck(id), isLast: true, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);
    }

    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => _reads.ReadAsync(id, cancellationToken);

    public Task<BuildReading> ReadAsync(string key, CancellationToken cancellationToken) =>
        ReadAsync(BuildStatements.Find(key), cancellationToken);

    public Task<BuildReading> ReadAsync(string runner, BuildId remoteId, CancellationToken cancellationToken) =>
        ReadAsync(_statements.Find(runner, remoteId), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) =>
        ReadAllAsync(BuildStatements.Find(ids), cancellationToken);

    public Task<BuildReadings> ReadAllAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        ReadAllAsync(BuildStatements.Find(keys), cancellationToken);

    public async Task<string?> ReadHistoryAsync(Guid id, CancellationToken cancellationToken)
    {
        var (histories, _) = await RowsAsync(
            BuildStatements.FindHistory(id), static row => row.IsDBNull(0) ? null : row.GetString(0), cancellationToken)
            .ConfigureAwait(false);
        return histories.FirstOrDefault();
    }

    public async Task<BuildPage> ListAsync(BuildQuery query, CancellationToken cancellationToken)
    {
        var (rows, _) = await RowsAsync(
            _statements.List(query), static row => (Id: row.GetString(0), Row: BuildRow.TryRead(row)), cancellationToken)
            .ConfigureAwait(false);
        Guid? last = null;
        foreach (var (id, (_, failure)) in rows)
        {
            last = Guid.TryParseExact(id, "D", out var known) ? known : last;
            if (failure is not null)
            {
                LogUnreadable(_logger, id, failure);
            }
        }

        return new BuildPage
        {
            Builds = [.. rows.Select(static row => row.Row.Build).OfType<Build>()],
            Next = rows.Count < query.Limit ? null : last,
        };
    }

    public Task<bool> TryCreateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
        SaveAsync(build, _statements.Insert, publications, cancellationToken);

    public Task<IReadOnlyList<BuildCreateResult>> TryCreateAllAsync(
        IReadOnlyList<BuildCreate> builds, CancellationToken cancellationToken) =>
        new BuildCreates(_saves, _statements, database).CreateAllAsync(builds, cancellationToken);

    public Task<bool> TryUpdateAsync(Build build, IReadOnlyList<OutgoingMessage> publications, CancellationToken cancellationToken) =>
        SaveAsync(build, _statements.Update, publications, cancellationToken);

    public Task<bool> TryUpdateAsync(
        Build build, IReadOnlyList<OutgoingMessage> publications, DocumentGuard guard, CancellationToken cancellationToken) =>
        SaveAsync(build, (it, token) => _statements.Update(it, token, guard), publications, cancellationToken);

    public Task<LineReading> ReadLineAsync(
        string runner, IReadOnlyDictionary<int, string> turns, int slots, CancellationToken cancellationToken) =>
        _lines.ReadAsync(runner, turns, slots, cancellationToken);

    public Task<DocumentReading> ReadDocumentsAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        _documents.ReadAsync(names, cancellationToken);

    public Task<DocumentReading> ListDocumentsAsync(string prefix, int limit, string? after, CancellationToken cancellationToken) =>
        _documents.ListAsync(prefix, limit, after, cancellationToken);

    public Task<bool> TryCommitAsync(BuildCommit commit, CancellationToken cancellationToken) =>
        _documents.TryCommitAsync(commit, cancellationToken);

    public Task<int> DeleteExpiredDocumentsAsync(int limit, CancellationToken cancellationToken) =>
        _documents.DeleteExpiredAsync(limit, cancellationToken);

    public async Task<int> DeleteEndedAsync(TimeSpan retention, int limit, CancellationToken cancellationToken)
    {
        // Mostly there is nothing to delete, which this read finds without a transaction.
        var (ended, clock) =
            await RowsAsync(_statements.FirstEnded(), static row => row.GetInt64(0), cancellationToken).ConfigureAwait(false);
        var until = clock.Floor - (long)Math.Ceiling(retention.TotalMilliseconds);
        return limit > 0 && ended is [var first] && first <= until
            ? await engine.RunAsync(
                session => session.ExecuteAsync(_statements.DeleteEnded(until, limit), isLast: true, cancellationToken),
                cancellationToken).ConfigureAwait(false)
            : 0;
    }

    [LoggerMessage(1, LogLevel.Warning,
        "The row of build {Id} in queue_builds cannot be read; it is left out of the list. Repair or delete it.")]
    private static partial void LogUnreadable(ILogger logger, string id, Exception exception);

    private Task<bool> SaveAsync(
        Build build, Func<Build, long, SqlStatement> save, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        _saves.SaveAsync(SaveOf(build, save, Random.Shared.NextInt64(), messages), cancellationToken);

    private static BuildSave SaveOf(
        Build build, Func<Build, long, SqlStatement> save, long token, IReadOnlyList<OutgoingMessage> messages) =>
        new(build.Key, save(build, token), BuildStatements.FindSaved(build.Id, token), messages);

    private async Task<BuildReadings> ReadAllAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var (rows, clock) = await RowsAsync(
            statement, static row => (Id: row.GetString(0), Key: row.GetString(1), Row: BuildRow.TryRead(row)), cancellationToken)
            .ConfigureAwait(false);
        return new BuildReadings
        {
            Builds = [.. rows.Select(static row => row.Row.Build).OfType<Build>()],
            Unreadable =
            [
                .. from row in rows
                   where row.Row.Failure is not null
                   select new UnreadableBuild(Guid.TryParseExact(row.Id, "D", out var id) ? id : null, row.Key, row.Row.Failure),
            ],
            Now = BuildRow.Time(clock.Floor),
        };
    }

    private async Task<BuildReading> ReadAsync(SqlStatement statement, CancellationToken cancellationToken)
    {
        var (builds, clock) = await RowsAsync(statement, BuildRow.Read, cancellationToken).ConfigureAwait(false);
        return new BuildReading { Build = builds.FirstOrDefault(), Now = BuildRow.Time(clock.Floor) };
    }

    private Task<(List<T> Rows, QueueClock Clock)> RowsAsync<T>(
        SqlStatement statement, Func<DbDataReader, T> read, CancellationToken cancellationToken) =>
        engine.TryAsync(
            async () =>
            {
                List<T> rows = [];
                var clock = await database.ReadAsync(statement, row => rows.Add(read(row)), cancellationToken).ConfigureAwait(false);
                return (rows, clock);
            },
            cancellationToken);
}
