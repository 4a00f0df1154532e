using BuildRunner.MySql;
using BuildRunner.MySql.Galera;
using BuildRunner.Relational;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>One node of a cluster is written to, and another one is refused until it may take over.</summary>
[Slow]
public sealed class GaleraWriterTests(GaleraCluster cluster) : IClassFixture<GaleraCluster>, IAsyncLifetime
{
    private MySqlQueueDatabase _firstDatabase = null!;
    private MySqlQueueDatabase _secondDatabase = null!;
    private RelationalQueueEngine _first = null!;
    private RelationalQueueEngine _second = null!;
    private string _atFirst = "";
    private string _atSecond = "";

    public async ValueTask InitializeAsync()
    {
        (_atFirst, _atSecond) = await cluster.CreateDatabaseAsync();
        _firstDatabase = GaleraCluster.Database(_atFirst);
        _secondDatabase = GaleraCluster.Database(_atSecond);
        _first = new(_firstDatabase, TimeProvider.System);
        _second = new(_secondDatabase, TimeProvider.System) { StartTimeout = TimeSpan.Zero };
        await _first.StartAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task A_second_node_is_refused_with_the_names_of_both()
    {
        await GaleraCluster.SyncAsync(_atSecond);
        var start = () => _second.StartAsync(CancellationToken.None);
        var publish = () => new Consumer(_second).PublishAsync("a");

        var thrown = (await start.Should().ThrowAsync<OtherWriterException>()).Which;

        thrown.Message.Should().Contain("'first (").And.Contain("'second (");
        await publish.Should().ThrowAsync<OtherWriterException>();
        (await new Consumer(_first).PublishAsync("a")).Should().Be(PublishResult.Stored);
    }

    [Fact]
    public async Task Nothing_is_published_claimed_or_read_at_a_node_that_another_one_has_replaced()
    {
        await TakeOverAsync();
        RelationalBuildStore store = new(_first, _firstDatabase);
        Consumer consumer = new(_first);
        var publish = () => consumer.PublishAsync("a");
        var claim = () => consumer.ClaimAsync();
        var list = () => consumer.DeadLettersAsync();
        var read = () => store.ReadAsync("key", CancellationToken.None);
        var save = () => store.CheckAsync(CancellationToken.None);

        await publish.Should().ThrowAsync<OtherWriterException>();
        await claim.Should().ThrowAsync<OtherWriterException>();
        await list.Should().ThrowAsync<OtherWriterException>();
        await read.Should().ThrowAsync<OtherWriterException>("what another node knows may be old");
        await save.Should().ThrowAsync<OtherWriterException>();
        (await new Consumer(_second).PublishAsync("b")).Should().Be(PublishResult.Stored);
        (await GaleraCluster.CountAsync(_atFirst, "SELECT COUNT(*) FROM queue_messages")).Should().Be(1);
    }

    [Fact]
    public async Task A_publish_in_a_transaction_at_another_node_is_refused_and_takes_over_when_it_may()
    {
        await GaleraCluster.SyncAsync(_atSecond);
        await using var unstarted = GaleraCluster.Open(_atSecond);
        var publish = () => PublishInTransactionAsync(unstarted, _atSecond, "a");
        await publish.Should().ThrowAsync<OtherWriterException>();

        await GaleraCluster.AgeAsync(_atFirst);

        // The first one is refused as well, and has the node take over.
        await Until.DoneAsync(async () =>
        {
            try
            {
                await publish();
                return true;
            }
            catch (OtherWriterException)
            {
                return false;
            }
        });
        (await new Consumer(_second).ClaimIdsAsync()).Should().Equal("a");
    }

    [Fact]
    public async Task What_is_under_way_at_a_node_when_another_one_takes_over_is_undone()
    {
        await using MySqlConnection connection = new(_atFirst);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.ReadCommitted);
        await _first.PublishAsync(transaction, [new OutgoingMessage(Consumer.DefaultTopic, Consumer.MessageOf("late"))], CancellationToken.None);
        await TakeOverAsync();
        var commit = () => transaction.CommitAsync();

        var thrown = (await commit.Should().ThrowAsync<MySqlException>()).Which;

        thrown.ErrorCode.Should().Be(MySqlErrorCode.LockDeadlock);
        (await new Consumer(_second).ClaimIdsAsync()).Should().BeEmpty();
    }

    private static async Task PublishInTransactionAsync(RelationalQueueEngine engine, string node, string id)
    {
        await using MySqlConnection connection = new(node);
        await connection.OpenAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await engine.PublishAsync(transaction, [new OutgoingMessage(Consumer.DefaultTopic, Consumer.MessageOf(id))], CancellationToken.None);
        await transaction.CommitAsync();
    }

    /// <summary>Has the second node take over, and the first one know.</summary>
    private async Task TakeOverAsync()
    {
        await GaleraCluster.AgeAsync(_atFirst);
        await GaleraCluster.SyncAsync(_atSecond);
        await _second.StartAsync(CancellationToken.None);
        await GaleraCluster.SyncAsync(_atFirst);
    }
}
