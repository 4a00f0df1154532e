using System.Globalization;

namespace BuildRunner.Queue.Tests.Galera;

/// <summary>What a cluster does with one node that is written to, and with two.</summary>
[Slow]
public sealed class GaleraLoadTests(GaleraCluster cluster) : IClassFixture<GaleraCluster>
{
    private static TimeSpan Duration => TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("GALERA_SECONDS") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 5);

    [Fact]
    public async Task One_node_that_is_written_to_loses_and_doubles_nothing()
    {
        var load = await RunAsync(isSecondWritten: false);

        load.Lost.Should().Be(0);
        load.Doubled.Should().Be(0);
        load.Refused.Should().Be(0);
    }

    [Fact]
    public async Task Two_nodes_that_are_written_to_x()
    {
        var load = await RunAsync(isSecondWritten: true);

        load.Doubled.Should().Be(0);
    }

    private async Task<GaleraLoad> RunAsync(bool isSecondWritten)
    {
        var (atFirst, atSecond) = await cluster.CreateDatabaseAsync();
        await using var one = GaleraCluster.Open(atFirst, isGuarded: !isSecondWritten);
        await one.StartAsync(CancellationToken.None);
        await GaleraCluster.SyncAsync(atSecond);
        await using var other = GaleraCluster.Open(isSecondWritten ? atSecond : atFirst, isGuarded: !isSecondWritten);
        await other.StartAsync(CancellationToken.None);
        GaleraLoad load = new([one, other], Duration);
        var before = await ConflictsAsync();

        await load.RunAsync();

        var stranded = await GaleraCluster.CountAsync(
            atFirst,
            "SELECT COUNT(*) FROM queue_messages m LEFT JOIN queue_partitions p ON p.topic = m.topic AND p.partition_key = m.partition_key WHERE p.topic IS NULL");
        var aborted = await ConflictsAsync() - before;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{(isSecondWritten ? 2 : 1)} written: {load.Published} published, {load.Rate:F0} handled/s, {load.Lost} lost ({stranded} without a partition), {load.Doubled} doubled, "
            + $"{aborted} aborted (1213), {load.Refused} calls that failed after all tries, hot partition stood still for {load.LongestPause.TotalMilliseconds:F0} ms at most."));
        TestContext.Current.TestOutputHelper!.WriteLine(load.Errors);
        return load;
    }

    private async Task<long> ConflictsAsync()
    {
        var conflicts = 0L;
        foreach (var node in new[] { cluster.First, cluster.Second })
        {
            foreach (var name in new[] { "wsrep_local_cert_failures", "wsrep_local_bf_aborts" })
            {
                conflicts += long.Parse(await node.StatusAsync(name), CultureInfo.InvariantCulture);
            }
        }

        return conflicts;
    }
}
