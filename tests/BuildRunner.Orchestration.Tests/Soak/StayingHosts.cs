using System.Diagnostics;
using BuildRunner.Orchestration.Soak;
using BuildRunner.Servers;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Two hosts whose processes nobody kills. One of them is cut off from the database for longer than its leases, again and again.</summary>
internal sealed class StayingHosts(SoakDatabase database, SoakOptions options, NetworkHosts hosts, Func<StageHost, Task> work, CancellationToken cancellationToken)
{
    /// <summary>Gets how often the host was cut off.</summary>
    public int Cuts { get; private set; }

    /// <summary>Has the processes work.</summary>
    public Task RunAsync(CiServer server, int first) => Task.WhenAll(StayAsync(server, first, isCut: true), StayAsync(server, first + 1, isCut: false));

    private async Task StayAsync(CiServer server, int host, bool isCut)
    {
        var random = options.Random(4 + host);
        await using var process = StageHost.Start(database, server.Path, host);
        await work(process);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < options.Duration)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5 + (random.NextDouble() * 1.5)), cancellationToken);
            if (isCut)
            {
                await hosts.CutAsync(host, true);
                await Task.Delay(SoakStage.LeaseDuration * (1 + random.NextDouble()), cancellationToken);
                await hosts.CutAsync(host, false);
                Cuts++;
            }
        }

        await process.StopAsync(cancellationToken);
    }
}
