using System.Diagnostics;
using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Two hosts whose processes nobody kills. One of them is cut off from the database for longer than its leases, again and again, in the middle of its calls to the CI.</summary>
internal sealed class StayingHosts(
    HostsSoakDatabase database, SoakOptions options, Func<StageHost, Task> work, CancellationToken cancellationToken)
{
    // A cut, and as long as one waits for calls to cut it in.
    private static readonly TimeSpan Longest = 2.5 * SoakStage.LeaseDuration;

    // Until then, calls of the host must have been taken over.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Gets how often the host was cut off.</summary>
    public int Cuts { get; private set; }

    /// <summary>Gets how often another process has asked meanwhile what that host had asked.</summary>
    public int TakenOver { get; private set; }

    /// <summary>Has the processes work, far from the CI.</summary>
    public async Task RunAsync(CiServer server, int first)
    {
        await using var cut = StageHost.Start(database, server.Path, first, isFar: true);
        await using var other = StageHost.Start(database, server.Path, first + 1, isFar: true);
        server.KeepAway(cut.Id);
        server.KeepAway(other.Id);
        await Task.WhenAll(work(cut), work(other));
        await CutAsync(server, cut, first);
        await Task.WhenAll(cut.StopAsync(cancellationToken), other.StopAsync(cancellationToken));
    }

    private async Task CutAsync(CiServer server, StageHost process, int host)
    {
        var random = options.Random(4 + host);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < (TakenOver == 0 ? Patience : options.Duration - Longest))
        {
            await Task.Delay(TimeSpan.FromSeconds(random.NextDouble()), cancellationToken);
            await CutInCallsAsync(server, process, host, SoakStage.LeaseDuration * (1 + (random.NextDouble() / 4)));
        }
    }

    // Its calls go on until it gives them up, and others take its messages over meanwhile, or have nothing to do that it does.
    private async Task CutInCallsAsync(CiServer server, StageHost process, int host, TimeSpan rest)
    {
        var watch = Stopwatch.StartNew();
        using var kept = server.KeepFrom(process.Id);
        await Task.WhenAny(kept.AreMany, Task.Delay(SoakStage.LeaseDuration, cancellationToken));
        if (!kept.AreMany.IsCompleted)
        {
            return;
        }

        Cuts++;
        kept.Cut();
        await database.Hosts!.CutAsync(host, true);
        await Task.Delay(SoakStage.LeaseDuration / 2, cancellationToken);

        // What it has locked, nobody takes over; by itself, the server keeps it for ten seconds.
        await database.DisconnectAsync(host, cancellationToken);

        // A takeover counts only if a call that is not given up goes on beside it for the rest, before its time-out ends it.
        var left = SoakStage.FarCallTimeout - rest - watch.Elapsed;
        await Task.WhenAny(kept.IsTakenOver, Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken));
        TakenOver += kept.IsTakenOver.IsCompleted ? 1 : 0;

        // Longer than a process may be late with giving up a call.
        await Task.Delay(rest, cancellationToken);
        await database.Hosts!.CutAsync(host, false);
    }
}
