using System.Diagnostics;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>A primary with a standby to which each commit goes first. Whatever happens to them and to the network, nothing is lost, early or triggered twice.</summary>
[Collection("Soak")]
[Slow]
public sealed class PostgreSqlOutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_lost_early_or_triggered_twice_whatever_happens_to_the_database(bool isPooled)
    {
        var options = OutageOptions.Read();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience + (4 * options.Duration));
        await using var cluster = await PostgreSqlCluster.StartAsync(isSynchronous: true, isPooled);
        await using OutageRun run = new(cluster, options, keepsKeys: false, patience.Token);
        Output($"OUTAGE_SEED={options.Seed}");

        try
        {
            await run.SendAsync(() => HappenAsync(cluster, run, options, patience.Token));
            await run.DrainAsync();
        }
        finally
        {
            Output($"{run.Summary} PgBouncer ended {cluster.RestartsOfPooler} times.");
            Output(string.Join(Environment.NewLine, run.Logs.Lines));
        }

        (await FaultsOfBuildsAsync(run)).Should().BeEmpty("OUTAGE_SEED={0}", options.Seed);
        run.Messages.Open.Should().BeEmpty("a message whose publish was acknowledged is not lost, OUTAGE_SEED={0}", options.Seed);
        run.Messages.Done.Should().Be(options.Messages);
        run.Messages.Early.Should().BeEmpty();
        run.Ci.AskedAgain.Should().BeEmpty("the runner finds builds by key");
        run.Ci.Created.Should().Be(options.Builds);
        run.Ci.Lost.Should().BePositive("answers were to be lost");
        await run.StopAsync();
    }

    private static async Task HappenAsync(PostgreSqlCluster cluster, OutageRun run, OutageOptions options, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await Task.Delay(options.Duration / 20, cancellationToken);
        var terminated = await cluster.TerminateBackendsAsync(options.Duration / 200, cancellationToken);
        Output($"{watch.Elapsed.TotalSeconds:F1} s: {terminated} backends were terminated.");
        await Task.WhenAll(run.Machines.Select(machine => machine.ExhaustAsync(options.Duration / 8, cancellationToken)));
        await cluster.ExhaustPoolerAsync(options.Duration / 8, cancellationToken);
        Output($"{watch.Elapsed.TotalSeconds:F1} s: no connection was free.");
        await cluster.CutAsync(options.Cut, cancellationToken);
        Output($"{watch.Elapsed.TotalSeconds:F1} s: the network was cut.");
        await cluster.FailOverAsync();
        Output($"{watch.Elapsed.TotalSeconds:F1} s: the primary was killed, and the standby promoted.");
        await cluster.AddStandbyAsync();
        Output($"{watch.Elapsed.TotalSeconds:F1} s: it has a standby.");
        await cluster.SwitchOverAsync(options.Cut, cancellationToken);
        Output($"{watch.Elapsed.TotalSeconds:F1} s: the network was cut, and the standby promoted meanwhile.");
    }

    private static async Task<IReadOnlyList<string>> FaultsOfBuildsAsync(OutageRun run)
    {
        List<string> faults = [];
        foreach (var (submitted, _) in run.Builds.Submitted)
        {
            var build = await run.Orchestrator.GetAsync(submitted.Id);
            var ends = run.Builds.EndsOf(submitted.Id);
            var created = run.Ci.Of(submitted.Request.TriggerKey!).Count;
            if (build is not { Status: BuildStatus.Succeeded } || created != 1 || ends is not [(_, BuildStatus.Succeeded)])
            {
                faults.Add($"{submitted.Key} is {build}, was created {created} times, and its owner was told {string.Join(", ", ends)}");
            }
        }

        return faults;
    }

    private static void Output(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);
}
