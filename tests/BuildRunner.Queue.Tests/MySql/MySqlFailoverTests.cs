using System.Data.Common;
using BuildRunner.MySql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.MySql;

/// <summary>Rule Q12: an address that leads to a read-only server for a time. The two servers do not replicate each other. The user may not write to the read-only one.</summary>
[Slow]
public sealed class MySqlFailoverTests : IAsyncLifetime
{
    private const string ReadOnly = "SET GLOBAL read_only = ON";

    private MariaDbServer _first = null!;
    private MariaDbServer _second = null!;
    private string _atFirst = "";
    private string _atSecond = "";
    private TcpForwarder _address = null!;
    private MySqlQueueDatabase _database = null!;
    private RelationalQueueEngine _engine = null!;
    private Consumer _consumer = null!;

    public async ValueTask InitializeAsync()
    {
        _first = await TestServers.GetAsync(MariaDbServer.StartAsync());
        _second = await MariaDbServer.StartAsync();
        _atFirst = await _first.CreateDatabaseAsync();
        _atSecond = await _second.CreateDatabaseAsync();
        foreach (var server in new[] { _atFirst, _atSecond })
        {
            await ExecuteAsync(server, "CREATE USER 'app'@'127.0.0.1' IDENTIFIED BY 'secret'; GRANT ALL ON queue_1.* TO 'app'@'127.0.0.1'");
            await using RelationalQueueEngine engine = new(new MySqlQueueDatabase(server, TimeProvider.System), TimeProvider.System);
            await engine.StartAsync(CancellationToken.None);
        }

        _address = new(_first.Port);
        MySqlConnectionStringBuilder app = new(_atFirst) { Port = (uint)_address.Port, UserID = "app", Password = "secret", MaximumPoolSize = 8 };
        _database = new MySqlQueueDatabase(app.ConnectionString, TimeProvider.System);
        _engine = new RelationalQueueEngine(_database, TimeProvider.System);
        await _engine.StartAsync(CancellationToken.None);
        _consumer = new(_engine);
        await _consumer.PublishAsync("before", "before");
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        await _address.DisposeAsync();
        await _second.DisposeAsync();
        await _first.DisposeAsync();
    }

    [Fact]
    public async Task All_goes_on_once_the_address_leads_from_a_read_only_server_back_to_the_primary()
    {
        RelationalBuildStore store = new(_engine, _database);
        await ExecuteAsync(_atSecond, ReadOnly);
        _address.MoveTo(_second.Port);
        _address.Reset();
        var publish = () => _consumer.PublishAsync("a", "a");
        var claim = () => _consumer.ClaimAsync();
        var read = () => store.ReadAsync("key", CancellationToken.None);
        await publish.Should().ThrowAsync<DbException>();
        await claim.Should().ThrowAsync<DbException>("a consumer that finds nothing there would look there for ever");
        await read.Should().ThrowAsync<DbException>("what a read-only server knows may be old");

        _address.MoveTo(_first.Port);

        (await publish()).Should().Be(PublishResult.Stored);
        (await claim()).Should().HaveCount(2);
        (await read()).Build.Should().BeNull();
    }

    [Fact]
    public async Task What_is_done_first_after_a_failover_is_done_at_the_new_primary_although_the_connections_to_the_old_one_still_work()
    {
        await ExecuteAsync(_atFirst, ReadOnly);
        _address.MoveTo(_second.Port);

        (await _consumer.PublishAsync("a", "a")).Should().Be(PublishResult.Stored);

        (await _consumer.ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task Nothing_is_written_to_a_read_only_server_nor_listed_from_it_by_a_user_who_may_write_there()
    {
        await using MySqlQueueDatabase database = new(_atSecond, TimeProvider.System);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);
        RelationalBuildStore store = new(engine, database);
        await engine.StartAsync(CancellationToken.None);
        await ExecuteAsync(_atSecond, ReadOnly);

        var check = () => store.CheckAsync(CancellationToken.None);
        var delete = () => store.DeleteEndedAsync(TimeSpan.Zero, 10, CancellationToken.None);
        var list = () => engine.ListDeadLettersAsync("orders", 10, null, CancellationToken.None);
        var purge = () => engine.PurgeAsync("orders", [new MessageKey { PartitionKey = "p", Id = "a" }], CancellationToken.None);

        await check.Should().ThrowAsync<DbException>();
        await delete.Should().ThrowAsync<DbException>();
        await list.Should().ThrowAsync<DbException>("what a read-only server knows may be old");
        await purge.Should().ThrowAsync<DbException>();
    }

    private static async Task ExecuteAsync(string server, string text)
    {
        await using MySqlConnection connection = new(server + ";Pooling=false");
        await connection.OpenAsync();
        await using MySqlCommand command = new(text, connection);
        await command.ExecuteNonQueryAsync();
    }
}
