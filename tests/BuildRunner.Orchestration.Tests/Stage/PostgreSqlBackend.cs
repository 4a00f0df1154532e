using BuildRunner.Queue.Tests.Fixtures;

namespace BuildRunner.Orchestration.Tests.Stage;

public sealed class PostgreSqlBackend : SqlBackend
{
    private protected override async Task<SqlFixture> TakeAsync(StageDatabases databases) => await databases.TakeAsync<PostgreSqlFixture>();
}
