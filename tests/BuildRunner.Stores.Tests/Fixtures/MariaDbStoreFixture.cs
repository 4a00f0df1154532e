namespace BuildRunner.Stores.Tests.Fixtures;

public sealed class MariaDbStoreFixture : RowLockingStoreFixture
{
    public override RowLockingFixture RowLocking { get; } = new MariaDbFixture();
}
