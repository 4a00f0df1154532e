using System.Text.RegularExpressions;

namespace BuildRunner.Stores.Tests.Fixtures;

public sealed partial class SqliteStoreFixture : SqlStoreFixture
{
    public override SqlFixture Sql { get; } = new SqliteFixture();

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
