using BuildRunner.MySql;
using BuildRunner.Relational;
using BuildRunner.Servers;
using MySqlConnector;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>What two nodes of a cluster do at once, and one that has lost the other.</summary>
[Slow]
public sealed class GaleraNodesTests(GaleraCluster cluster) : IClassFixture<GaleraCluster>
{
    [Fact]
    public async Task Processes_that_start_at_both_nodes_at_once_create_the_tables_once()
    {
        for (var i = 0; i < 5; i++)
        {
            var (atFirst, atSecond) = await cluster.CreateDatabaseAsync();
            RelationalQueueEngine[] engines = [.. Enumerable.Range(0, 6).Select(number => GaleraCluster.Open(number % 2 == 0 ? atFirst : atSecond, isGuarded: false))];

            await Task.WhenAll(engines.Select(static engine => Task.Run(() => engine.StartAsync(CancellationToken.None))));

            (await GaleraCluster.CountAsync(atSecond, "SELECT COUNT(*) FROM queue_schema")).Should().Be(1);
            foreach (var engine in engines)
            {
                await engine.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task A_commit_that_another_node_has_forestalled_is_tried_again()
    {
        var (atFirst, atSecond) = await cluster.CreateDatabaseAsync();
        await using var other = GaleraCluster.Open(atSecond, isGuarded: false);
        await other.StartAsync(CancellationToken.None);
        await GaleraCluster.SyncAsync(atFirst);

        // Both create the partition, and the other node is the first to commit.
        ForestalledDatabase database = new(GaleraCluster.Database(atFirst, isGuarded: false), async () =>
        {
            await new Consumer(other).PublishAsync("theirs");
            await GaleraCluster.SyncAsync(atFirst);
        });
        await using QueueEngine engine = new(database, TimeProvider.System);
        Consumer consumer = new(engine);

        (await consumer.PublishAsync("mine")).Should().Be(PublishResult.Stored);

        database.Errors.Should().Equal(MySqlErrorCode.LockDeadlock);
        (await consumer.ClaimIdsAsync()).Should().Equal("theirs");
        (await GaleraCluster.CountAsync(atSecond, "SELECT COUNT(*) FROM queue_messages")).Should().Be(2);
    }

    [Fact]
    public async Task What_is_done_first_after_a_node_was_cut_off_is_done_at_the_other_one_although_its_connections_still_work()
    {
        var (atFirst, _) = await cluster.CreateDatabaseAsync();
        await using TcpForwarder address = new(cluster.First.Port);
        var throughAddress = new MySqlConnectionStringBuilder(atFirst) { Port = (uint)address.Port }.ConnectionString;
        await using var database = GaleraCluster.Database(throughAddress);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        // With connections of its own, which no transaction that fails is on.
        await using var reading = GaleraCluster.Database(throughAddress + ";Application Name=reading");
        RelationalBuildStore store = new(engine, reading);
        await engine.StartAsync(CancellationToken.None);
        Consumer consumer = new(engine);
        await consumer.PublishAsync("before", "before");
        await GaleraCluster.AgeAsync(atFirst);
        var publish = () => consumer.PublishAsync("a");
        var read = () => store.ReadAsync("key", CancellationToken.None);
        (await read()).Build.Should().BeNull();
        await cluster.First.IsolateAsync(true);
        try
        {
            await Until.DoneAsync(async () => await cluster.First.StatusAsync("wsrep_ready") == "OFF" && await cluster.Second.StatusAsync("wsrep_cluster_size") == "1");
            (await publish.Should().ThrowAsync<MySqlException>()).Which.Number.Should().Be(1047, "the node has lost the cluster");
            (await read.Should().ThrowAsync<MySqlException>()).Which.Number.Should().Be(1047);

            address.MoveTo(cluster.Second.Port);

            (await publish()).Should().Be(PublishResult.Stored);
            (await read()).Build.Should().BeNull();
            (await consumer.ClaimIdsAsync()).Should().BeEquivalentTo("before", "a");
        }
        finally
        {
            await cluster.First.IsolateAsync(false);
            await Until.DoneAsync(async () => await cluster.First.StatusAsync("wsrep_local_state_comment") == "Synced");
        }
    }
}
