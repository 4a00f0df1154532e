using System.Globalization;
using System.Text.RegularExpressions;
using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Fixtures;

public sealed partial class PostgreSqlStoreFixture : RowLockingStoreFixture
{
    public override RowLockingFixture RowLocking { get; } = new PostgreSqlFixture();

    // What a filter has removed was read as well.
    internal override async Task<long> CountReadAsync(SqlStatement statement)
    {
        await using var connection = await Sql.ConnectAsync();
        var plan = await RowsAsync(connection, $"ANALYZE queue_builds; SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off; EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF) {TextOf(statement)}");
        return plan.SelectMany(static line => Rows().Matches(line)).Sum(static match => (long)double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
    }

    // Of one build there are many, with other owners, runners and states, few of each, so that the right index is by far the cheapest. A few thousand are sorted sooner than read in order.
    protected override string ExplainText(string statement) =>
        "INSERT INTO queue_builds SELECT b.* FROM generate_series(1, 5000) i CROSS JOIN LATERAL jsonb_populate_record((SELECT q FROM queue_builds q LIMIT 1), " +
        "jsonb_build_object('id', gen_random_uuid(), 'build_key', i::text, 'owner_id', CASE i % 19 WHEN 0 THEN 'owner' ELSE 'other' END, 'runner', CASE i % 23 WHEN 0 THEN 'ci' ELSE 'other' END, 'tag', CASE i % 31 WHEN 0 THEN 'red' ELSE 'blue' END, 'status', i % 6, 'place', i % 6)) b " +
        $"ON CONFLICT DO NOTHING; ANALYZE queue_builds; SET enable_bitmapscan = off; SET enable_sort = off; EXPLAIN {statement}";

    protected override IEnumerable<string> IndexesOf(string line)
    {
        if (line.Contains(" on queue_builds", StringComparison.Ordinal))
        {
            var index = Index().Match(line);
            yield return index.Success ? index.Groups[1].Value : line;
        }
        else if (line.Contains("Filter", StringComparison.Ordinal) || line.Contains("->  Sort", StringComparison.Ordinal))
        {
            yield return line;
        }
    }

    [GeneratedRegex("(?:actual rows=|Rows Removed by Filter: )([0-9.]+)")]
    private static partial Regex Rows();

    [GeneratedRegex("Index Scan (?:Backward )?using (\\w+) on queue_builds")]
    private static partial Regex Index();
}
