using System.Globalization;
using System.Numerics;

namespace BuildRunner.Relational;

/// <summary>Provides the statements about the table <c>queue_builds</c>.</summary>
internal sealed class BuildStatements(BuildDialect dialect)
{
    private const string Saved = "SELECT 1 FROM queue_builds WHERE id = ? AND save_token = ?";
    private const string ByKey = $"SELECT {BuildRow.Columns} FROM queue_builds WHERE build_key = ?";

    private readonly string _byRemoteId =
        $"SELECT {BuildRow.Columns} FROM queue_builds{IndexOf(dialect, "queue_builds_remote_id")} "
        + "WHERE runner = ? AND remote_id_hash = ? AND remote_id = ? ORDER BY id DESC LIMIT 1";

    private readonly string _firstEnded =
        $"SELECT ended_at FROM queue_builds{IndexOf(dialect, "queue_builds_ended")} "
        + "WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT 1";

    private readonly string _insert =
        $"INSERT INTO queue_builds ({BuildRow.IdentityColumns}, {string.Join(", ", BuildRow.StateColumns)}, save_token) "
        + $"VALUES ({Places(BuildRow.IdentityColumns.Split(',').Length + BuildRow.StateColumns.Count + 1)}){dialect.IgnoreConflict}";

    private readonly string _update =
        $"UPDATE queue_builds SET {string.Join(", ", BuildRow.StateColumns.Select(static column => $"{column} = ?"))}, "
        + "save_token = ? WHERE id = ? AND version = ?";

    private readonly string _guardedUpdate =
        $"UPDATE queue_builds SET {string.Join(", ", BuildRow.StateColumns.Select(static column => $"{column} = ?"))}, "
        + "save_token = ? WHERE id = ? AND version = ? "
        + "AND NOT EXISTS (SELECT 1 FROM queue_build_documents WHERE name = ? AND version <> ?)";

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

    public SqlStatement Find(string runner, BuildId remoteId) =>
        new(_byRemoteId, Findable(runner), BuildRow.Hash(remoteId), StoredText.Write(remoteId.Value));

    /// <summary>Lists builds. Each index ends with status and id, so each status is one sorted range, and the ranges are merged. So the
    /// cost of a page does not grow with the builds left out.</summary>
    public SqlStatement List(BuildQuery query)
    {
        BuildStatus[] statuses =
        [
            .. Enum.GetValues<BuildStatus>().Where(status =>
                (query.Status is null || query.Status == status)
                && (query.HasEnded is null || status.IsTerminal() == query.HasEnded)),
        ];
        if (query is { OwnerId: null, Runner: null } && statuses.Length == Enum.GetValues<BuildStatus>().Length)
        {
            return Range(query, status: null, index: "");
        }

        var index = (query.OwnerId, query.Runner) switch
        {
            (not null, not null) => "queue_builds_owner_runner",
            (not null, null) => "queue_builds_owner",
            (null, not null) => "queue_builds_runner",
            _ => "queue_builds_status",
        };
        var ranges = statuses.Select(status => Range(query, status, IndexOf(dialect, index))).ToList();
        return ranges.Count == 1 ? ranges[0] : Merged(query, ranges);
    }

    /// <summary>Finds a build if it was last written with a token.</summary>
    public static SqlStatement FindSaved(Guid id, long token) => new(Saved, BuildRow.Text(id), token);

    public SqlStatement Insert(Build build, long token) => new(_insert, [.. BuildRow.Identity(build), .. BuildRow.State(build), token]);

    public SqlStatement Update(Build build, long token) =>
        new(_update, [.. BuildRow.State(build), token, BuildRow.Text(build.Id), build.Version - 1]);

    /// <summary>Updates a build if a document has a version. One that does not exist has none: it is never deleted.</summary>
    public SqlStatement Update(Build build, long token, DocumentGuard? guard) => guard is null
        ? Update(build, token)
        : new(
            _guardedUpdate,
            [.. BuildRow.State(build), token, BuildRow.Text(build.Id), build.Version - 1, Findable(guard.Name), guard.Version]);

    public SqlStatement FirstEnded() => new(_firstEnded);

    public SqlStatement DeleteEnded(long until, int limit) => new(dialect.DeleteEnded, until, (long)limit);

    private static SqlStatement Range(BuildQuery query, BuildStatus? status, string index)
    {
        var after = query.Order == BuildOrder.NewestFirst ? "id < ?" : "id > ?";
        (string Condition, object? Value)[] filters =
        [
            ("owner_id = ?", query.OwnerId is { } owner ? Findable(owner) : null),
            ("runner = ?", query.Runner is { } runner ? Findable(runner) : null),
            ("status = ?", (long?)status),
            (after, query.After is { } id ? BuildRow.Text(id) : null),
        ];
        filters = [.. filters.Where(static filter => filter.Value is not null)];
        var where = filters.Length == 0 ? "" : $" WHERE {string.Join(" AND ", filters.Select(static filter => filter.Condition))}";
        return new(
            $"SELECT {BuildRow.Columns} FROM queue_builds{index}{where}{InOrder(query)}",
            [.. filters.Select(static filter => filter.Value), (long)query.Limit]);
    }

    private static SqlStatement Merged(BuildQuery query, List<SqlStatement> ranges) => ranges.Count == 0
        ? new($"SELECT {BuildRow.Columns} FROM queue_builds WHERE id = ?", "")
        : new(
            string.Join(" UNION ALL ", ranges.Select(static (range, i) =>
                FormattableString.Invariant($"SELECT {BuildRow.Columns} FROM ({range.Text}) r{i}"))) + InOrder(query),
            [.. ranges.SelectMany(static range => range.Values), (long)query.Limit]);

    private static string InOrder(BuildQuery query) =>
        query.Order == BuildOrder.NewestFirst ? " ORDER BY id DESC LIMIT ?" : " ORDER BY id LIMIT ?";

    // Text that no column can hold finds nothing; the drivers would refuse it. No column that is searched is empty.
    private static string Findable(string value) => StoredText.IsFit(value) ? value : "";

    private static string IndexOf(BuildDialect dialect, string index) =>
        string.Format(CultureInfo.InvariantCulture, dialect.UseIndex, index);

    private static string Places(int count) => string.Join(", ", Enumerable.Repeat('?', count));
}
