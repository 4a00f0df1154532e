using BuildRunner.Queue.Tests.Fixtures;

namespace BuildRunner.Orchestration.Tests.Stage;

public sealed class SqliteBackend : SqlBackend
{
    private protected override async Task<SqlFixture> TakeAsync(StageDatabases databases) => await databases.TakeAsync<SqliteFixture>();
}
