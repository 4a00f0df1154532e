using BuildRunner.MySql;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.MySql;

[Slow]
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
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString, TimeProvider.System, "@@SESSION.innodb_lock_wait_timeout");
        var before = await ReadAsync(database);
        var create = () => database.RunAsync(session => session.LockAsync("t", [new string('k', 256)], creates: true, waits: false, CancellationToken.None), CancellationToken.None);

        await create.Should().ThrowAsync<MySqlException>("the key is too long");

        before.Should().BePositive();
        (await ReadAsync(database)).Should().Be(before);
    }

    [Fact]
    public async Task Messages_whose_headers_are_more_than_a_server_takes_at_once_are_stored()
    {
        const int Count = 250;

        // JSON makes six bytes of the character, and the server's language one more.
        Dictionary<string, string> headers = new() { ["name"] = new string('\u00e9', 16_000) };
        await using var engine = await _fixture.OpenAsync();

        var results = await engine.PublishAsync([.. Enumerable.Range(0, Count).Select(i => new OutgoingMessage("t", new Message { PartitionKey = "p", Id = $"{i}", Headers = headers }))], CancellationToken.None);

        results.Should().HaveCount(Count).And.AllBeEquivalentTo(PublishResult.Stored);
    }

    [Fact]
    public async Task Keys_that_are_more_than_a_server_takes_at_once_are_stored()
    {
        const int Count = 15_000;
        await using var engine = await _fixture.OpenAsync();
        Consumer consumer = new(engine, new string('\u4e2d', 200));

        var results = await engine.PublishAsync([.. Enumerable.Range(0, Count).Select(i => new OutgoingMessage(consumer.Topic, Consumer.MessageOf("a", $"{i:D5}" + new string('\\', 250))))], CancellationToken.None);

        results.Should().HaveCount(Count).And.AllBeEquivalentTo(PublishResult.Stored);
    }

    [Fact]
    public async Task A_connection_string_that_does_not_fit_the_mode_of_the_server_is_refused_at_the_start()
    {
        await using MySqlQueueDatabase database = new(_fixture.ConnectionString + ";No Backslash Escapes=True", TimeProvider.System);

        var start = () => database.MigrateAsync(CancellationToken.None);

        await start.Should().ThrowAsync<InvalidOperationException>();
    }

    private static Task<long> ReadAsync(MySqlQueueDatabase database) => database.RunAsync(
        static async session => (await session.LockForRoundAsync("t", [], 0, 0, CancellationToken.None)).Clock.Microseconds,
        CancellationToken.None);
}
