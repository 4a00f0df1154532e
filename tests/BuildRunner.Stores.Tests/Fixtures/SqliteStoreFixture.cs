namespace BuildRunner.Stores.Tests.Fixtures;

public sealed class SqliteStoreFixture : SqlStoreFixture
{
    public override SqlFixture Sql { get; } = new SqliteFixture();
}
