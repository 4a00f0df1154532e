using BuildRunner.MySql;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.MySql;

public sealed class MySqlSessionTests : IAsyncLifetime
{
    private readonly MariaDbFixture _fixture = new();

    public async ValueTask InitializeAsync()
    {
        await _fixture.InitializeAsync();
        await (await _fixture.OpenAsync()).DisposeAsync();
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task A_connection_on_which_a_partition_could_not_be_made_waits_for_locks_as_before()
    {
        // The clock is the one statement that a test can choose.
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, "@@SESSION.innodb_lock_wait_timeout");
        var before = await ReadAsync(database);
        var create = () => database.RunAsync(session => session.LockAsync("t", [new string('k', 256)], creates: true, waits: false, CancellationToken.None), CancellationToken.None);

        await create.Should().ThrowAsync<MySqlException>("the key is too long");

        before.Should().BePositive();
        (await ReadAsync(database)).Should().Be(before);
    }

    private static Task<long> ReadAsync(MySqlQueueDatabase database) => database.RunAsync(
        static async session => (await session.LockForExchangeAsync("t", [], 0, 0, CancellationToken.None)).Clock.Microseconds,
        CancellationToken.None);
}
