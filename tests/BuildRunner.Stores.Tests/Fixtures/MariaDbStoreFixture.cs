using System.Globalization;
using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Fixtures;

public sealed class MariaDbStoreFixture : RowLockingStoreFixture
{
    public override RowLockingFixture RowLocking { get; } = new MariaDbFixture();

    internal override async Task<long> CountReadAsync(SqlStatement statement)
    {
        await using var connection = await Sql.ConnectAsync();
        var before = await CountAsync();
        await RowsAsync(connection, TextOf(statement));
        return await CountAsync() - before;

        async Task<long> CountAsync() => (await RowsAsync(connection, "SHOW SESSION STATUS LIKE 'Handler_read%'")).Sum(static row => long.Parse(row.Split('|')[1], CultureInfo.InvariantCulture));
    }

    protected override string ExplainText(string statement) => $"EXPLAIN {statement}";

    // id, kind, table, how, the indexes that could be used, that which is, ...
    protected override IEnumerable<string> IndexesOf(string line)
    {
        var columns = line.Split('|');
        if (columns[2] == "queue_builds")
        {
            yield return columns[3] is "range" or "ref" && !columns[^1].Contains("filesort", StringComparison.Ordinal) ? columns[5] : line;
        }
    }
}
