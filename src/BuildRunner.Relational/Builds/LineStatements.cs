using System.Globalization;

namespace BuildRunner.Relational;

/// <summary>Provides the statements about the builds that wait for a runner.</summary>
internal sealed class LineStatements(BuildDialect dialect)
{
    public const int AfterTurn = 0;
    public const int First = 1;
    public const int Oldest = 2;

    /// <summary>The column that says which of them a row is.</summary>
    public static readonly int Kind = BuildRow.Columns.Split(',').Length;

    private const string ByOwner = "runner = ? AND line = ? AND line IS NOT NULL";

    private readonly string _count =
        $"SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM queue_builds{IndexOf(dialect, "queue_builds_runner")} "
        + FormattableString.Invariant($"WHERE runner = ? AND place BETWEEN {BuildPlace.FirstSlot} AND {BuildPlace.LastSlot} LIMIT ?) s), ")
        + $"(SELECT line FROM queue_builds{IndexOf(dialect, "queue_builds_line")} "
        + "WHERE runner = ? AND line IS NOT NULL ORDER BY line DESC LIMIT 1)";

    private readonly string _first = One(dialect, First, "queue_builds_line", $"{ByOwner} ORDER BY owner_id, id");
    private readonly string _afterTurn = One(dialect, AfterTurn, "queue_builds_line", $"{ByOwner} AND owner_id > ? ORDER BY owner_id, id");
    private readonly string _oldest = One(
        dialect,
        Oldest,
        "queue_builds_runner",
        FormattableString.Invariant($"runner = ? AND place = {BuildPlace.Waits} ORDER BY id"));

    /// <summary>Counts slots in use up to a number, and finds the highest priority that waits.</summary>
    public SqlStatement Count(string runner, int slots) => new(_count, Findable(runner), (long)slots, Findable(runner));

    /// <summary>Finds the builds that may be next.</summary>
    public SqlStatement Candidates(string runner, int line, string? turn)
    {
        object?[] first = [Findable(runner), (long)line];
        return turn is null
            ? new($"{_first} UNION ALL {_oldest}", [.. first, Findable(runner)])
            : new($"{_first} UNION ALL {_afterTurn} UNION ALL {_oldest}", [.. first, .. first, turn, Findable(runner)]);
    }

    private static string One(BuildDialect dialect, int kind, string index, string where) => string.Create(
        CultureInfo.InvariantCulture,
        $"SELECT * FROM (SELECT {BuildRow.Columns}, {kind} AS kind FROM queue_builds{IndexOf(dialect, index)} "
        + $"WHERE {where} LIMIT 1) c{kind}");

    private static string IndexOf(BuildDialect dialect, string index) =>
        string.Format(CultureInfo.InvariantCulture, dialect.UseIndex, index);

    // Text that no column can hold finds nothing; the drivers would refuse it.
    private static string Findable(string value) => StoredText.IsFit(value) ? value : "";
}
