namespace BuildRunner.Stores.Tests.Fixtures;

public sealed class MariaDbStoreFixture : RowLockingStoreFixture
{
    public override RowLockingFixture RowLocking { get; } = new MariaDbFixture();

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
