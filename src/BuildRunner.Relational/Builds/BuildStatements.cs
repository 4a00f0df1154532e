using System.Globalization;
using System.Numerics;

namespace BuildRunner.Relational;

/// <summary>Provides the statements about the table <c>queue_builds</c>.</summary>
internal sealed class BuildStatements(BuildDialect dialect)
{
    private const int LargestInsert = 250;
    private const int LargestText = 1024 * 1024;
    private const string Saved = "SELECT 1 FROM queue_builds WHERE id = ? AND save_token = ?";
    private const string Guarded = " AND NOT EXISTS (SELECT 1 FROM queue_build_documents WHERE name = ? AND version <> ?)";
    private const string ByKey = $"SELECT {BuildRow.Columns} FROM queue_builds WHERE build_key = ?";

    private static readonly string[] InsertedColumns =
        [.. BuildRow.IdentityColumns.Split(", "), .. BuildRow.StateColumns, "history", "save_token"];

    private readonly string _byRemoteId =
        $"SELECT {BuildRow.Columns} FROM queue_builds{IndexOf(dialect, "queue_builds_remote_id")} "
        + "WHERE runner = ? AND remote_id_hash = ? AND remote_id = ? ORDER BY id DESC LIMIT 1";

    private readonly string _firstEnded =
        $"SELECT ended_at FROM queue_builds{IndexOf(dialect, "queue_builds_ended")} "
        + "WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT 1";

    private readonly string _insert = TextOfInsert(InsertedColumns, rows: 1, dialect);

    private readonly string _update = TextOfUpdate(history: "");

    private readonly string _updateWithHistory = TextOfUpdate($"{dialect.AppendHistory}, ");

    /// <summary>Writes a row that <see cref="DeleteCheck"/> deletes before the commit, so that nobody sees it.</summary>
    public static SqlStatement InsertCheck(string id) =>
        new("INSERT INTO queue_messages (topic, partition_key, id, payload) VALUES ('', '', ?, '')", id);

    public static SqlStatement DeleteCheck(string id) =>
        new("DELETE FROM queue_messages WHERE topic = '' AND partition_key = '' AND id = ?", id);

    /// <summary>Finds builds by id. The number of ids is rounded up, so that there are few statement texts.</summary>
    public static SqlStatement Find(IReadOnlyList<Guid> ids)
    {
        var places = (int)BitOperations.RoundUpToPowerOf2((uint)ids.Count);
        var text = ids.Count == 1 ? "= ?" : $"IN ({Places(places)})";
        var values = Enumerable.Range(0, places).Select(i => BuildRow.Text(ids[Math.Min(i, ids.Count - 1)]));
        return new($"SELECT {BuildRow.Columns} FROM queue_builds WHERE id {text}", [.. values]);
    }

    public static SqlStatement Find(string key) => new(ByKey, Findable(key));

    /// <summary>Finds builds by key. The number of keys is rounded up, so that there are few statement texts.</summary>
    public static SqlStatement Find(IReadOnlyList<string> keys)
    {
        var places = Math.Min((int)BitOperations.RoundUpToPowerOf2((uint)keys.Count), BuildQuery.MaxLimit);
        var values = Enumerable.Range(0, places).Select(i => Findable(keys[Math.Min(i, keys.Count - 1)]));
        return new($"SELECT {BuildRow.Columns} FROM queue_builds WHERE build_key IN ({Places(places)})", [.. values]);
    }

    public static SqlStatement FindHistory(Guid id) => new("SELECT history FROM queue_builds WHERE id = ?", BuildRow.Text(id));

    public SqlStatement Find(string runner, BuildId remoteId) =>
        new(_byRemoteId, Findable(runner), BuildRow.Hash(remoteId), StoredText.Write(remoteId.Value));

    /// <summary>Lists builds. Each index ends with status or place and id, so each of them is one sorted range, and the ranges are merged.
    /// So the cost of a page does not grow with the builds left out.</summary>
    public SqlStatement List(BuildQuery query)
    {
        BuildStatus[] statuses =
        [
            .. Enum.GetValues<BuildStatus>().Where(status =>
                (query.Status is null || query.Status == status)
                && (query.HasEnded is null || status.IsTerminal() == query.HasEnded)),
        ];
        if (query.KeyPrefix is { } prefix && !StoredText.IsFit(prefix))
        {
            return Nothing();
        }

        if (query is { KeyPrefix: not null, Tag: null })
        {
            // Few builds have it, so what else is asked for is looked for among those.
            return Range(query, query.Status, IndexOf(dialect, "queue_builds_key"), query.HasEnded);
        }

        if (query is { OwnerId: null, Runner: null, Tag: null } && statuses.Length == Enum.GetValues<BuildStatus>().Length)
        {
            return Range(query, status: null, index: "");
        }

        if (query is { OwnerId: null, Runner: not null, Tag: null })
        {
            var runner = IndexOf(dialect, "queue_builds_runner");
            return Merged(query, statuses.SelectMany(BuildPlace.All).Select(place => Range(query, status: null, runner, place: place)));
        }

        var index = query switch
        {
            { Tag: not null } => "queue_builds_tag",
            { OwnerId: not null, Runner: not null } => "queue_builds_owner_runner",
            { OwnerId: not null } => "queue_builds_owner",
            _ => "queue_builds_status",
        };
        return Merged(query, statuses.Select(status => Range(query, status, IndexOf(dialect, index))));
    }

    /// <summary>Finds a build if it was last written with a token.</summary>
    public static SqlStatement FindSaved(Guid id, long token) => new(Saved, BuildRow.Text(id), token);

    public SqlStatement Insert(Build build, long token) => new(_insert, ValuesOf(build, token));

    /// <summary>Inserts many builds by few statements, which are several times as fast as one for each. No statement is too long for a
    /// server, and none has a column that is null in all of its rows: half of what is known of a build is not known of a new one.</summary>
    public IEnumerable<SqlStatement> InsertAll(IReadOnlyList<(Build Build, long Token)> builds)
    {
        List<object?[]> rows = [];
        var size = 0;
        foreach (var (build, token) in builds)
        {
            var row = ValuesOf(build, token);
            var length = row.Sum(static value => (value as string)?.Length ?? 0);
            if (rows.Count > 0 && (rows.Count == LargestInsert || size + length > LargestText))
            {
                yield return InsertAll(rows);
                rows.Clear();
                size = 0;
            }

            rows.Add(row);
            size += length;
        }

        yield return InsertAll(rows);
    }

    public SqlStatement Update(Build build, long token) => build.NewHistory is { } lines
        ? new(
            _updateWithHistory,
            [
                .. BuildRow.State(build), (long)HistoryLine.LimitOf(build, lines), lines, token, BuildRow.Text(build.Id), build.Version - 1,
            ])
        : new(_update, [.. BuildRow.State(build), token, BuildRow.Text(build.Id), build.Version - 1]);

    /// <summary>Updates a build if a document has a version. One that does not exist has none: it is never deleted.</summary>
    public SqlStatement Update(Build build, long token, DocumentGuard? guard)
    {
        var update = Update(build, token);
        return guard is null ? update : new(update.Text + Guarded, [.. update.Values, Findable(guard.Name), guard.Version]);
    }

    public SqlStatement FirstEnded() => new(_firstEnded);

    public SqlStatement DeleteEnded(long until, int limit) => new(dialect.DeleteEnded, until, (long)limit);

    private static SqlStatement Range(BuildQuery query, BuildStatus? status, string index, bool? hasEnded = null, long? place = null)
    {
        var after = query.Order == BuildOrder.NewestFirst ? "id < ?" : "id > ?";
        (string Condition, object? Value)[] filters =
        [
            ("tag = ?", query.Tag is { } tag ? Findable(tag) : null),
            ("build_key >= ?", query.KeyPrefix),
            ("build_key < ?", query.KeyPrefix is { } prefix ? KeyRange.EndOf(prefix) : null),
            ("owner_id = ?", query.OwnerId is { } owner ? Findable(owner) : null),
            ("runner = ?", query.Runner is { } runner ? Findable(runner) : null),
            ("status = ?", (long?)status),
            ("place = ?", place),
            (hasEnded == true ? "status >= ?" : "status < ?", hasEnded is null ? null : (long)BuildStatus.Succeeded),
            (after, query.After is { } id ? BuildRow.Text(id) : null),

            // An id begins with the millisecond of its submission.
            ("id >= ?", query.SubmittedFrom is { } from ? KeyRange.FirstIdOf(from) : null),
            ("id < ?", query.SubmittedBefore is { } before ? KeyRange.FirstIdOf(before) : null),
        ];
        filters = [.. filters.Where(static filter => filter.Value is not null)];
        var where = filters.Length == 0 ? "" : $" WHERE {string.Join(" AND ", filters.Select(static filter => filter.Condition))}";
        return new(
            $"SELECT {BuildRow.Columns} FROM queue_builds{index}{where}{InOrder(query)}",
            [.. filters.Select(static filter => filter.Value), (long)query.Limit]);
    }

    private static SqlStatement Merged(BuildQuery query, IEnumerable<SqlStatement> each)
    {
        List<SqlStatement> ranges = [.. each];
        return ranges switch
        {
            [] => Nothing(),
            [var only] => only,
            _ => new(
                string.Join(" UNION ALL ", ranges.Select(static (range, i) =>
                    FormattableString.Invariant($"SELECT {BuildRow.Columns} FROM ({range.Text}) r{i}"))) + InOrder(query),
                [.. ranges.SelectMany(static range => range.Values), (long)query.Limit]),
        };
    }

    // No id is empty.
    private static SqlStatement Nothing() => new($"SELECT {BuildRow.Columns} FROM queue_builds WHERE id = ?", "");

    private static string InOrder(BuildQuery query) =>
        query.Order == BuildOrder.NewestFirst ? " ORDER BY id DESC LIMIT ?" : " ORDER BY id LIMIT ?";

    private SqlStatement InsertAll(List<object?[]> rows)
    {
        int[] columns = [.. Enumerable.Range(0, InsertedColumns.Length).Where(column => rows.Exists(row => row[column] is not null))];
        return new(
            TextOfInsert([.. columns.Select(static column => InsertedColumns[column])], rows.Count, dialect),
            [.. rows.SelectMany(row => columns.Select(column => row[column]))]);
    }

    private static string TextOfInsert(string[] columns, int rows, BuildDialect dialect) =>
        $"INSERT INTO queue_builds ({string.Join(", ", columns)}) VALUES "
        + $"{string.Join(", ", Enumerable.Repeat($"({Places(columns.Length)})", rows))}{dialect.IgnoreConflict}";

    private static object?[] ValuesOf(Build build, long token) =>
        [.. BuildRow.Identity(build), .. BuildRow.State(build), HistoryLine.OfNew(build), token];

    private static string TextOfUpdate(string history) =>
        $"UPDATE queue_builds SET {string.Join(", ", BuildRow.StateColumns.Select(static column => $"{column} = ?"))}, "
        + $"{history}save_token = ? WHERE id = ? AND version = ?";

    // Text that no column can hold finds nothing; the drivers would refuse it. No column that is searched is empty.
    private static string Findable(string value) => StoredText.IsFit(value) ? value : "";

    private static string IndexOf(BuildDialect dialect, string index) =>
        string.Format(CultureInfo.InvariantCulture, dialect.UseIndex, index);

    private static string Places(int count) => string.Join(", ", Enumerable.Repeat('?', count));
}
