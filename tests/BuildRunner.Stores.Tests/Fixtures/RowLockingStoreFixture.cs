namespace BuildRunner.Stores.Tests.Fixtures;

/// <summary>A store in a database that locks rows.</summary>
public abstract class RowLockingStoreFixture : SqlStoreFixture
{
    public sealed override SqlFixture Sql => RowLocking;

    /// <summary>Gets the queue.</summary>
    public abstract RowLockingFixture RowLocking { get; }
}
