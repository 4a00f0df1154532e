using System.Data.Common;
using BuildRunner.Relational;

namespace BuildRunner.Stores.Tests.Engines;

[Slow]
public sealed class PostgreSqlReadOnlyTests
{
    [Fact]
    public async Task Nothing_is_read_or_checked_on_a_server_that_is_read_only()
    {
        await using PostgreSqlStoreFixture fixture = new();
        await fixture.Sql.InitializeAsync();
        await using (var writable = await fixture.OpenAsync())
        {
            await writable.Store.CheckAsync(CancellationToken.None);
        }

        var database = fixture.Sql.OpenDatabase(";Options=-c default_transaction_read_only=on");
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);
        RelationalBuildStore store = new(engine, database);

        var check = () => store.CheckAsync(CancellationToken.None);
        var read = () => store.ReadAsync("key", CancellationToken.None);

        await check.Should().ThrowAsync<DbException>();
        await read.Should().ThrowAsync<ReadOnlyServerException>("what a demoted primary has is old");
    }
}
