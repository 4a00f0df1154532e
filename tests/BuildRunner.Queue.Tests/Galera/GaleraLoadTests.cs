using System.Globalization;
using BuildRunner.Relational;
using BuildRunner.Servers;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>What a cluster does with one node that is written to; on request, what it does with two, and a server alone.</summary>
[Slow]
public sealed class GaleraLoadTests(GaleraCluster cluster) : IClassFixture<GaleraCluster>
{
    private const string Stranded =
        "SELECT COUNT(*) FROM queue_messages m LEFT JOIN queue_partitions p ON p.topic = m.topic AND p.partition_key = m.partition_key WHERE p.topic IS NULL";

    private static int? Seconds => Environment.GetEnvironmentVariable("GALERA_SECONDS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    [Fact]
    public async Task One_node_that_is_written_to_loses_and_doubles_nothing()
    {
        for (var round = 0; round < (Seconds is null ? 1 : 3); round++)
        {
            var (atFirst, _) = await cluster.CreateDatabaseAsync();

            var load = await RunAsync("one node", atFirst, atFirst, isGuarded: true);

            load.Lost.Should().Be(0);
            load.Doubled.Should().Be(0);
            if (Seconds is not null)
            {
                await MeasureOthersAsync();
            }
        }
    }

    /// <remarks>Two nodes lose messages now and then, so of them there is nothing that must be so.</remarks>
    private async Task MeasureOthersAsync()
    {
        await using var alone = await TestServers.GetAsync(MariaDbServer.StartAsync("--innodb-buffer-pool-size=64M"));
        var database = await alone.CreateDatabaseAsync();
        await RunAsync("a server alone", database, database, isGuarded: true);
        var (atFirst, atSecond) = await cluster.CreateDatabaseAsync();
        await RunAsync("two nodes", atFirst, atSecond, isGuarded: false);
    }

    private async Task<GaleraLoad> RunAsync(string name, string connectionString, string other, bool isGuarded)
    {
        await using var first = GaleraCluster.Open(connectionString, isGuarded);
        await first.StartAsync(CancellationToken.None);
        await GaleraCluster.SyncAsync(other);
        await using var second = GaleraCluster.Open(other, isGuarded);
        await second.StartAsync(CancellationToken.None);
        GaleraLoad load = new([first, second], TimeSpan.FromSeconds(Seconds ?? 5));
        var before = await AbortedAsync();
        await load.RunAsync();
        var (aborted, stranded) = (await AbortedAsync() - before, await GaleraCluster.CountAsync(connectionString, Stranded));
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {load.Published} published, {load.Rate:F0} handled/s, {load.Lost} lost ({stranded} without a partition), {load.Doubled} doubled, {aborted} aborted by another node, "
            + $"{load.Refused} calls failed after all tries ({load.Errors}), the partition of all stood still for {load.LongestPause.TotalMilliseconds:F0} ms at most."));
        return load;
    }

    private async Task<long> AbortedAsync()
    {
        var aborted = 0L;
        foreach (var node in new[] { cluster.First, cluster.Second })
        {
            foreach (var name in new[] { "wsrep_local_cert_failures", "wsrep_local_bf_aborts" })
            {
                aborted += long.Parse(await node.StatusAsync(name), CultureInfo.InvariantCulture);
            }
        }

        return aborted;
    }
}
