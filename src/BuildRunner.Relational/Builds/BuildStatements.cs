using System.Globalization;
using BuildRunner.Orchestration;

namespace BuildRunner.Relational;

/// <summary>The statements about the table <c>queue_builds</c>.</summary>
internal sealed class BuildStatements(BuildDialect dialect)
{
    private const string ById = $"SELECT {BuildRow.Columns} FROM queue_builds WHERE id = ?";

    private const string ByKey = $"SELECT {BuildRow.Columns} FROM queue_builds WHERE build_key = ?";

    private readonly string _byBuildId = $"SELECT {BuildRow.Columns} FROM queue_builds{IndexOf(dialect, "queue_builds_build_id")} WHERE runner = ? AND build_id_hash = ? AND build_id = ? ORDER BY id DESC LIMIT 1";

    private readonly string _firstEnded = $"SELECT ended_at FROM queue_builds{IndexOf(dialect, "queue_builds_ended")} WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT 1";

    private readonly string _insert =
        $"INSERT INTO queue_builds ({BuildRow.IdentityColumns}, {string.Join(", ", BuildRow.StateColumns)}) VALUES ({Places(BuildRow.IdentityColumns.Split(',').Length + BuildRow.StateColumns.Count)}){dialect.IgnoreConflict}";

    private readonly string _update = $"UPDATE queue_builds SET {string.Join(", ", BuildRow.StateColumns.Select(static column => $"{column} = ?"))} WHERE id = ? AND version = ?";

    public static SqlStatement Find(Guid id) => new(ById, BuildRow.Text(id));

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

    public SqlStatement Insert(Build build) => new(_insert, [.. BuildRow.Identity(build), .. BuildRow.State(build)]);

    public SqlStatement Update(Build build) => new(_update, [.. BuildRow.State(build), BuildRow.Text(build.Id), build.Version - 1]);

    public SqlStatement FirstEnded() => new(_firstEnded);

    public SqlStatement DeleteEnded(long until, int limit) => new(dialect.DeleteEnded, until, (long)limit);

    // What no column can have is in none; the drivers would refuse it. No column that is looked up has the empty text.
    private static string Findable(string value) => StoredText.IsFit(value) ? value : "";

    private static string IndexOf(BuildDialect dialect, string index) => string.Format(CultureInfo.InvariantCulture, dialect.UseIndex, index);

    private static string Places(int count) => string.Join(", ", Enumerable.Repeat('?', count));
}
