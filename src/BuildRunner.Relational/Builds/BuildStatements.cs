using System.Globalization;
using System.Numerics;
using BuildRunner.Orchestration;

namespace BuildRunner.Relational;

/// <summary>The statements about the table <c>queue_builds</c>.</summary>
internal sealed class BuildStatements(BuildDialect dialect)
{
    private const string Saved = "SELECT 1 FROM queue_builds WHERE id = ? AND save_token = ?";

    private const string ByKey = $"SELECT {BuildRow.Columns} FROM queue_builds WHERE build_key = ?";

    private readonly string _byBuildId = $"SELECT {BuildRow.Columns} FROM queue_builds{IndexOf(dialect, "queue_builds_build_id")} WHERE runner = ? AND build_id_hash = ? AND build_id = ? ORDER BY id DESC LIMIT 1";

    private readonly string _firstEnded = $"SELECT ended_at FROM queue_builds{IndexOf(dialect, "queue_builds_ended")} WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT 1";

    private readonly string _insert =
        $"INSERT INTO queue_builds ({BuildRow.IdentityColumns}, {string.Join(", ", BuildRow.StateColumns)}, save_token) VALUES ({Places(BuildRow.IdentityColumns.Split(',').Length + BuildRow.StateColumns.Count + 1)}){dialect.IgnoreConflict}";

    private readonly string _update = $"UPDATE queue_builds SET {string.Join(", ", BuildRow.StateColumns.Select(static column => $"{column} = ?"))}, save_token = ? WHERE id = ? AND version = ?";

    /// <summary>Writes a row that nobody sees, because <see cref="DeleteCheck"/> deletes it before the commit.</summary>
    public static SqlStatement InsertCheck(string id) => new("INSERT INTO queue_messages (topic, partition_key, id, payload) VALUES ('', '', ?, '')", id);

    public static SqlStatement DeleteCheck(string id) => new("DELETE FROM queue_messages WHERE topic = '' AND partition_key = '' AND id = ?", id);

    /// <summary>Finds builds by id. Of the numbers of ids there are few, so that there are few texts.</summary>
    public static SqlStatement Find(IReadOnlyList<Guid> ids)
    {
        var places = (int)BitOperations.RoundUpToPowerOf2((uint)ids.Count);
        var text = ids.Count == 1 ? "= ?" : $"IN ({Places(places)})";
        return new($"SELECT {BuildRow.Columns} FROM queue_builds WHERE id {text}", [.. Enumerable.Range(0, places).Select(i => BuildRow.Text(ids[Math.Min(i, ids.Count - 1)]))]);
    }

    public static SqlStatement Find(string key) => new(ByKey, Findable(key));

    public SqlStatement Find(string runner, BuildId buildId) => new(_byBuildId, Findable(runner), BuildRow.Hash(buildId), StoredText.Write(buildId.Value));

    public SqlStatement List(BuildQuery query)
    {
        List<string> conditions = ["id > ?"];
        List<object?> values = [query.After is { } after ? BuildRow.Text(after) : ""];
        if (query.OwnerId is { } owner)
        {
            conditions.Add("owner_id = ?");
            values.Add(Findable(owner));
        }

        if (query.Status is { } status)
        {
            // An owner has fewer builds than a status has; the sum keeps the index of the status out of it.
            conditions.Add(query.OwnerId is null ? "status = ?" : "status + 0 = ?");
            values.Add((long)status);
        }

        if (query.HasEnded is { } hasEnded)
        {
            conditions.Add(hasEnded ? "ended_at IS NOT NULL" : "ended_at IS NULL");
        }

        // Of what has not ended there is little, whatever is kept beside it.
        var index = (query.OwnerId, query.Status, query.HasEnded) switch
        {
            (not null, _, false) => IndexOf(dialect, "queue_builds_owner_ended"),
            (null, _, false) => IndexOf(dialect, "queue_builds_ended"),
            (not null, _, _) => IndexOf(dialect, "queue_builds_owner"),
            (null, not null, _) => IndexOf(dialect, "queue_builds_status"),
            _ => "",
        };
        return new($"SELECT {BuildRow.Columns} FROM queue_builds{index} WHERE {string.Join(" AND ", conditions)} ORDER BY id LIMIT ?", [.. values, (long)query.Limit]);
    }

    /// <summary>Finds a build if it was last written with a token.</summary>
    public static SqlStatement FindSaved(Guid id, long token) => new(Saved, BuildRow.Text(id), token);

    public SqlStatement Insert(Build build, long token) => new(_insert, [.. BuildRow.Identity(build), .. BuildRow.State(build), token]);

    public SqlStatement Update(Build build, long token) => new(_update, [.. BuildRow.State(build), token, BuildRow.Text(build.Id), build.Version - 1]);

    public SqlStatement FirstEnded() => new(_firstEnded);

    public SqlStatement DeleteEnded(long until, int limit) => new(dialect.DeleteEnded, until, (long)limit);

    // What no column can have is in none; the drivers would refuse it. No column that is looked up has the empty text.
    private static string Findable(string value) => StoredText.IsFit(value) ? value : "";

    private static string IndexOf(BuildDialect dialect, string index) => string.Format(CultureInfo.InvariantCulture, dialect.UseIndex, index);

    private static string Places(int count) => string.Join(", ", Enumerable.Repeat('?', count));
}
