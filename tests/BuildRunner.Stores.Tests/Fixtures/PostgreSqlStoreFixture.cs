using System.Text.RegularExpressions;

namespace BuildRunner.Stores.Tests.Fixtures;

public sealed partial class PostgreSqlStoreFixture : RowLockingStoreFixture
{
    public override RowLockingFixture RowLocking { get; } = new PostgreSqlFixture();

    // Of one build there are many, with other owners, runners and states, few of each, so that the right index is by far the cheapest. A few thousand are sorted sooner than read in order.
    protected override string ExplainText(string statement) =>
        "INSERT INTO queue_builds SELECT b.* FROM generate_series(1, 5000) i CROSS JOIN LATERAL jsonb_populate_record((SELECT q FROM queue_builds q LIMIT 1), " +
        "jsonb_build_object('id', gen_random_uuid(), 'build_key', i::text, 'owner_id', CASE i % 19 WHEN 0 THEN 'owner' ELSE 'other' END, 'runner', CASE i % 23 WHEN 0 THEN 'ci' ELSE 'other' END, 'status', i % 6)) b " +
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

    [GeneratedRegex("Index Scan (?:Backward )?using (\\w+) on queue_builds")]
    private static partial Regex Index();
}
