namespace BuildRunner.Queue.Tests.Fixtures;

/// <summary>A queue in a database that locks rows, so that one transaction that is held open does not hold up all others.</summary>
public abstract class RowLockingFixture : SqlFixture;
