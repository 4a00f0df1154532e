using System.Diagnostics;
using System.Globalization;
using BuildRunner.Buildbot.Chaos;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Buildbot.Tests.Chaos;

/// <summary>Builds that are submitted and cancelled, while the worker, the master and the process that drives them are killed and started again. What is random is when.</summary>
internal sealed class ChaosRun(
    BuildbotServer server, ChaosOptions options, IReadOnlyList<PlannedBuild> plan, string directory, CancellationToken cancellationToken)
{
    // Also where a slow machine takes all the time to start processes.
    private const int MinKills = 2;

    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Standstill = TimeSpan.FromSeconds(30);

    private readonly string _connectionString = $"Data Source={Path.Combine(directory, "builds.db")};Pooling=False";
    private readonly string _wakes = Path.Combine(directory, "wakes");
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly Dictionary<int, Guid> _ids = [];

    public Dictionary<string, int> Kills { get; } = new() { ["worker"] = 0, ["master"] = 0, ["process"] = 0 };

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Gets what owners were told, by the build.</summary>
    public ILookup<Guid, (long Version, BuildStatus Status)> Wakes => File.ReadLines(_wakes)
        .Select(static line => line.Split(' '))
        .ToLookup(
            static words => Guid.Parse(words[0]),
            static words => (long.Parse(words[1], CultureInfo.InvariantCulture), Enum.Parse<BuildStatus>(words[2])));

    /// <summary>Lets all builds live and end.</summary>
    public async Task<IReadOnlyList<(PlannedBuild Plan, Build Build)>> RunAsync()
    {
        using var client = CreateClient();
        await client.StartAsync(cancellationToken);
        var builds = client.Services.GetRequiredService<IBuildOrchestrator>();
        var submitting = SubmitAsync(builds);
        await using (var process = await KillAsync())
        {
            await submitting;
            await DrainAsync(builds);
            await process.StopAsync(cancellationToken);
        }

        List<(PlannedBuild, Build)> ended = [];
        foreach (var planned in plan)
        {
            ended.Add((planned, (await builds.GetAsync(_ids[planned.Number], cancellationToken))!));
        }

        await client.StopAsync(cancellationToken);
        return ended;
    }

    // A process that submits and cancels, and has no runner.
    private IHost CreateClient()
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddQueue().UseSqlite(_connectionString);
        builder.Services.AddBuildOrchestration().AddRemoteRunner(ChaosStage.Runner, ChaosStage.Configure);
        return builder.Build();
    }

    private async Task SubmitAsync(IBuildOrchestrator builds)
    {
        List<Task> cancels = [];
        foreach (var planned in plan)
        {
            var until = options.Duration * 0.75 * planned.Number / plan.Count;
            if (until > _watch.Elapsed)
            {
                await Task.Delay(until - _watch.Elapsed, cancellationToken);
            }

            var build = await builds.SubmitAsync(
                new BuildSubmission
                {
                    Key = string.Create(CultureInfo.InvariantCulture, $"chaos-{planned.Number}"),
                    OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{planned.Number % 20}"),
                    Runner = ChaosStage.Runner,
                    Request = new BuildRequest { Head = [planned.Change] },

                    // Longer than the test may take.
                    Timeout = TimeSpan.FromDays(1),
                },
                cancellationToken);
            _ids[planned.Number] = build.Id;
            cancels.Add(CancelAsync(builds, planned, build.Id));
        }

        await Task.WhenAll(cancels);
    }

    private async Task CancelAsync(IBuildOrchestrator builds, PlannedBuild planned, Guid id)
    {
        if (planned.CancelsAfter is { } delay)
        {
            await Task.Delay(delay, cancellationToken);
            await builds.CancelAsync(id, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Kills one after the other or two at once, in random order, and starts them again.</summary>
    /// <returns>The process that is alive at the end.</returns>
    private async Task<ChaosHost> KillAsync()
    {
        var random = options.Random(2);
        var process = await StartAsync();
        while (_watch.Elapsed < options.Duration || Kills.Values.Min() < MinKills)
        {
            await Task.Delay(random.NextDouble() * LongestLife, cancellationToken);
            var fewest = Kills.Values.Min();
            var target = Kills.Where(kills => kills.Value == fewest).ElementAt(random.Next(Kills.Values.Count(kills => kills == fewest))).Key;

            // Now and then two fall at once.
            var others = Kills.Keys.Where(other => other != target).ToList();
            string[] targets = random.Next(4) == 0 ? [target, others[random.Next(others.Count)]] : [target];
            foreach (var killed in targets)
            {
                await (killed switch { "worker" => server.KillWorkerAsync(), "master" => server.KillMasterAsync(), _ => process.KillAsync() });
                Kills[killed]++;
            }

            foreach (var killed in targets.OrderBy(static killed => killed == "worker"))
            {
                process = await RestartAsync(killed, process);
            }
        }

        return process;
    }

    private async Task<ChaosHost> RestartAsync(string killed, ChaosHost process)
    {
        if (killed == "process")
        {
            await process.DisposeAsync();
            return await StartAsync();
        }

        await (killed == "master" ? server.StartMasterAsync() : server.StartWorkerAsync());
        return process;
    }

    private Task<ChaosHost> StartAsync() => ChaosHost.StartAsync(_connectionString, server.Url, _wakes, cancellationToken);

    private async Task DrainAsync(IBuildOrchestrator builds)
    {
        var (left, since) = (int.MaxValue, _watch.Elapsed);
        while (true)
        {
            var open = (await builds.ListAsync(new BuildQuery { HasEnded = false, Limit = 5 }, CancellationToken.None)).Builds;
            var wakes = Wakes;
            if (open.Count == 0 && _ids.Values.All(id => wakes[id].Any(static wake => wake.Status.IsTerminal())))
            {
                return;
            }

            var leftNow = _ids.Values.Count(id => !wakes[id].Any(static wake => wake.Status.IsTerminal()));
            if (leftNow < left)
            {
                (left, since) = (leftNow, _watch.Elapsed);
            }
            else if (_watch.Elapsed - since > Standstill)
            {
                // Buildbot can wait for ever for a worker that was killed while it prepared a build. Who runs it restarts it then.
                await server.KillMasterAsync();
                await server.StartMasterAsync();
                since = _watch.Elapsed;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"It does not end: {string.Join(", ", open)}.\n{server.Logs}");
            }

            await Task.Delay(200, CancellationToken.None);
        }
    }
}
