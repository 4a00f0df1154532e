namespace BuildRunner.Stores.Tests.Fixtures;

public sealed class PostgreSqlStoreFixture : RowLockingStoreFixture
{
    public override RowLockingFixture RowLocking { get; } = new PostgreSqlFixture();
}
