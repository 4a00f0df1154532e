using System.Text.RegularExpressions;
using BuildRunner.Relational;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace BuildRunner.Stores.Tests.Fixtures;

public sealed partial class SqliteStoreFixture : SqlStoreFixture
{
    public override SqlFixture Sql { get; } = new SqliteFixture();

    // The steps of its virtual machine.
    internal override async Task<long> CountReadAsync(SqlStatement statement)
    {
        await using var connection = (SqliteConnection)await Sql.ConnectAsync();
        raw.sqlite3_prepare_v2(connection.Handle, TextOf(statement), out var prepared).Should().Be(raw.SQLITE_OK);
        using (prepared)
        {
            while (raw.sqlite3_step(prepared) == raw.SQLITE_ROW)
            {
            }

            return raw.sqlite3_stmt_status(prepared, raw.SQLITE_STMTSTATUS_VM_STEP, 0);
        }
    }

    protected override string ExplainText(string statement) => $"EXPLAIN QUERY PLAN {statement}";

    // A range of ids is in their order; what several ranges give is sorted, and is no more than a page of each.
    protected override IEnumerable<string> IndexesOf(string line)
    {
        if (line.Contains("queue_builds", StringComparison.Ordinal))
        {
            var index = Index().Match(line);
            yield return index.Success ? index.Groups[1].Value : line;
        }
    }

    [GeneratedRegex("SEARCH .* USING INDEX (\\w+) .* AND id[<>]\\?\\)")]
    private static partial Regex Index();
}
