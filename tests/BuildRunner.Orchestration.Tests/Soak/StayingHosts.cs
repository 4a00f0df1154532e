using System.Diagnostics;
using BuildRunner.Orchestration.Soak;
using BuildRunner.Servers;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Two hosts whose processes nobody kills. One of them is cut off from the database for longer than its leases, again and again, in the middle of its calls to the CI.</summary>
internal sealed class StayingHosts(SoakDatabase database, SoakOptions options, NetworkHosts hosts, Func<StageHost, Task> work, CancellationToken cancellationToken)
{
    /// <summary>Gets how often the host was cut off.</summary>
    public int Cuts { get; private set; }

    /// <summary>Has the processes work, far from the CI.</summary>
    public async Task RunAsync(CiServer server, int first)
    {
        server.IsFar = true;
        await Task.WhenAll(StayAsync(server, first, isCut: true), StayAsync(server, first + 1, isCut: false));
        server.IsFar = false;
    }

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
                await CutAsync(server, process, host, SoakStage.LeaseDuration * (2.5 + random.NextDouble()));
            }
        }

        await process.StopAsync(cancellationToken);
    }

    // Its calls go on for as long, if it does not give them up, so that others take its messages over meanwhile.
    private async Task CutAsync(CiServer server, StageHost process, int host, TimeSpan duration)
    {
        server.KeepFrom(process.Id);
        await Task.Delay(SoakStage.PollDelay, cancellationToken);
        await hosts.CutAsync(host, true);
        await Task.Delay(duration, cancellationToken);
        await hosts.CutAsync(host, false);
        server.GiveTo(process.Id);
        Cuts++;
    }
}
