using System.Diagnostics;
using System.Globalization;
using BuildRunner.Orchestration.Soak;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Two processes that work on builds and are killed again and again, while builds are submitted, cancelled and signalled by one that does not, and the CI comes and goes. What is random is when.</summary>
internal sealed class SoakRun(SoakDatabase database, SoakOptions options, SoakPlan plan, FaultyCi ci, CancellationToken cancellationToken)
{
    public const int Processes = 2;
    private const int Owners = 50;
    private const int Flood = 10;

    // Also where a slow machine takes all the time to start processes.
    private const int MinKills = 2;
    private static readonly TimeSpan ShortestLife = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private readonly Stopwatch _watch = new();
    private readonly Dictionary<int, Guid> _ids = [];
    private readonly List<Task> _others = [];
    private int _kills;
    private int _signals;

    public int Kills => _kills;

    /// <summary>Gets how often a host was cut off.</summary>
    public int Cuts { get; private set; }

    /// <summary>Gets how often another process has asked meanwhile what that host had asked.</summary>
    public int TakenOver { get; private set; }

    /// <summary>Gets when the processes have called the CI.</summary>
    public CallIntervals Calls { get; private set; } = null!;

    public int Signals => _signals;

    /// <summary>Gets what has become of each group.</summary>
    public List<(PlannedGroup Plan, BuildGroup Group)> Groups { get; } = [];

    public TimeSpan Elapsed => _watch.Elapsed;

    /// <summary>Gets how long it has taken at most until a process worked: what a busy machine makes late.</summary>
    public TimeSpan SlowestStart { get; private set; }

    /// <summary>Lets all builds live and end, but those that hang beside others in the end.</summary>
    /// <returns>What has become of each.</returns>
    public async Task<IReadOnlyList<(PlannedBuild Plan, Build Build)>> RunAsync()
    {
        await using CiServer server = new(ci);
        Calls = server.Calls;
        using var client = CreateClient(database);
        await client.StartAsync(cancellationToken);
        var builds = client.Services.GetRequiredService<IBuildOrchestrator>();
        var staying = database is HostsSoakDatabase hosts ? new StayingHosts(hosts, options, WorkAsync, cancellationToken) : null;
        _watch.Start();
        await Task.WhenAll([SubmitAsync(builds), OutageAsync(), PauseAsync(builds), .. Enumerable.Range(0, Processes).Select(slot => KillAsync(server, slot)), staying?.RunAsync(server, Processes) ?? Task.CompletedTask]);
        (Cuts, TakenOver) = (staying?.Cuts ?? 0, staying?.TakenOver ?? 0);
        await SettleAsync(server, builds);
        server.Fault.Should().BeNull();
        ci.Close();
        await database.CheckAsync();
        List<(PlannedBuild, Build)> ended = [];
        foreach (var planned in plan.Builds.Except(plan.Hanging))
        {
            ended.Add((planned, (await builds.GetAsync(_ids[planned.Number], cancellationToken))!));
        }

        foreach (var group in plan.Random.Select(static planned => planned.Group).OfType<PlannedGroup>().Distinct())
        {
            Groups.Add((group, (await builds.GetGroupAsync($"{options.Seed}-{group.Number}", cancellationToken))!));
        }

        await client.StopAsync(cancellationToken);
        return ended;
    }

    // A process that submits, and has no runner.
    public static IHost CreateClient(SoakDatabase database)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        SoakStage.UseDatabase(builder.Services.AddQueue(), database.Engine, database.ConnectionString);
        var stage = builder.Services.AddBuildOrchestration();
        foreach (var runner in SoakStage.Runners)
        {
            stage.AddRemoteRunner(runner, options => SoakStage.Configure(runner, options, isFar: false));
        }

        return builder.Build();
    }

    private async Task SubmitAsync(IBuildOrchestrator builds)
    {
        var random = options.Random(3);
        foreach (var planned in plan.Random)
        {
            await WaitAsync(options.Duration * 0.75 * planned.Number / plan.Random.Count);
            var id = await SubmitAsync(builds, planned, random.Next(Owners));
            _others.Add(CancelAsync(builds, planned, id));
            _others.Add(FloodAsync(builds, planned, id));
        }
    }

    private async Task<Guid> SubmitAsync(IBuildOrchestrator builds, PlannedBuild planned, int owner)
    {
        if (planned.Group is { } group)
        {
            return await SubmitGroupAsync(builds, planned, group);
        }

        var submission = SubmissionOf(planned, owner);
        var repeated = planned.IsRepeated ? builds.SubmitAsync(submission, cancellationToken) : null;
        var build = await builds.SubmitAsync(submission, cancellationToken);
        _ids[planned.Number] = build.Id;
        (repeated is null ? build.Id : (await repeated).Id).Should().Be(build.Id, "a key has one build");
        return build.Id;
    }

    // With its first member.
    private async Task<Guid> SubmitGroupAsync(IBuildOrchestrator builds, PlannedBuild planned, PlannedGroup group)
    {
        if (planned.Number == group.Number)
        {
            var second = SubmissionOf(plan.Builds[group.Number + 1], group.Number % Owners);
            var submitted = await builds.SubmitGroupAsync(
                new()
                {
                    Key = $"{options.Seed}-{group.Number}",
                    FailFast = group.FailFast,
                    Required = [SubmissionOf(planned, group.Number % Owners), .. group.IsSecondRequired ? [second] : Array.Empty<BuildSubmission>()],
                    Optional = group.IsSecondRequired ? [] : [second],
                },
                cancellationToken);
            (_ids[group.Number], _ids[group.Number + 1]) = (submitted.Members[0].BuildId, submitted.Members[1].BuildId);
        }

        return _ids[planned.Number];
    }

    private BuildSubmission SubmissionOf(PlannedBuild planned, int owner) => new()
    {
        Key = string.Create(CultureInfo.InvariantCulture, $"soak-{options.Seed}-{planned.Number}"),
        OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{owner}"),
        Runner = planned.Runner,
        Request = SoakPlan.RequestOf(planned),
        Timeout = planned.Timeout,
        Retry = planned.Failures > 0 ? SoakStage.Retry : null,
    };

    private async Task CancelAsync(IBuildOrchestrator builds, PlannedBuild planned, Guid id)
    {
        if (planned.CancelsAfter is { } delay)
        {
            await Task.Delay(delay, cancellationToken);
            await builds.CancelAsync(id, cancellationToken: cancellationToken);
        }
    }

    // As soon as the runner knows it, and a little later again.
    private async Task FloodAsync(IBuildOrchestrator builds, PlannedBuild planned, Guid id)
    {
        for (var floods = 0; planned.IsFlooded && floods < 2;)
        {
            await Task.Delay(SoakStage.PollDelay, cancellationToken);
            var build = (await builds.GetAsync(id, cancellationToken))!;
            if (build.RemoteId is { } buildId)
            {
                (await Task.WhenAll(Enumerable.Range(0, Flood).Select(_ => builds.SignalAsync(planned.Runner, buildId, cancellationToken)))).Should().OnlyContain(static isKnown => isKnown);
                (await builds.SignalAsync(SoakStage.Hanging, buildId, cancellationToken)).Should().BeFalse("that runner has no such build");
                Interlocked.Add(ref _signals, Flood);
                floods++;
            }
            else if (build.Status.IsTerminal())
            {
                return;
            }
        }
    }

    // One runner after the other, by chance.
    private async Task PauseAsync(IBuildOrchestrator builds)
    {
        var random = options.Random(5);
        foreach (var part in new[] { 0.2, 0.4, 0.7 })
        {
            await WaitAsync(options.Duration * part);
            var runner = random.Next(2) == 0 ? SoakStage.Healthy : SoakStage.Limited;
            await builds.PauseRunnerAsync(runner, new() { Holds = true, By = "soak" }, cancellationToken);
            ci.Hold(runner);
            await Task.Delay(SoakStage.TriggerTimeout + TimeSpan.FromSeconds(random.NextDouble()), cancellationToken);
            ci.Resume(runner);
            await builds.ResumeRunnerAsync(runner, "soak", cancellationToken: cancellationToken);
        }
    }

    private async Task OutageAsync()
    {
        await WaitAsync(options.Duration / 2);
        ci.IsAway = true;
        await Task.Delay(options.Outage, cancellationToken);
        ci.IsAway = false;
    }

    /// <summary>Starts and kills one process after the other.</summary>
    private async Task KillAsync(CiServer server, int slot)
    {
        var random = options.Random(4 + slot);

        // The next one is there before the last one is killed, because it takes long to start.
        var next = StageHost.Start(database, server.Path, slot);
        for (var kills = 0; kills < MinKills || _watch.Elapsed < options.Duration; kills++)
        {
            await using var process = next;
            next = StageHost.Start(database, server.Path, slot);
            await WorkAsync(process);

            // Some die young. Were it all of them, a slow machine would do nothing but start processes.
            await Task.Delay(ShortestLife + (random.NextDouble() * (options.LongestLife - ShortestLife)), cancellationToken);
            await process.KillAsync();
            Interlocked.Increment(ref _kills);
        }

        await next.DisposeAsync();
    }

    /// <summary>Lets processes that nobody kills do what is left, and then has their polls measured.</summary>
    private async Task SettleAsync(CiServer server, IBuildOrchestrator builds)
    {
        await using var one = StageHost.Start(database, server.Path);
        await using var other = StageHost.Start(database, server.Path, host: 1);
        await WorkAsync(one);
        await WorkAsync(other);
        await Task.WhenAll(_others);
        await DrainAsync(builds);
        await MeasureAsync(builds, plan.Alone);
        await MeasureAsync(builds, [.. plan.Hanging, .. plan.Beside]);
        await one.StopAsync(cancellationToken);
        await other.StopAsync(cancellationToken);
    }

    private async Task MeasureAsync(IBuildOrchestrator builds, IReadOnlyList<PlannedBuild> probes)
    {
        foreach (var planned in probes)
        {
            await SubmitAsync(builds, planned, planned.Number);
        }

        // How builds of the hanging runner end is seen in the soak.
        await DrainAsync(builds, but: SoakStage.Hanging);
    }

    /// <summary>Waits until there is nothing left but deadlines of builds that have ended, and what a runner has to do.</summary>
    private async Task DrainAsync(IBuildOrchestrator builds, string? but = null)
    {
        var triggers = but is null ? null : BuildTopics.TriggerOf(but);
        while (true)
        {
            var open = (await builds.ListAsync(new BuildQuery { HasEnded = false }, CancellationToken.None)).Builds.Where(build => build.Runner != but).Take(5).ToList();
            var left = (await database.CountMessagesAsync()).Where(topic => topic.Key != BuildTopics.Deadline && topic.Key != triggers).ToList();
            if (open.Count == 0 && left.Count == 0)
            {
                return;
            }

            if (cancellationToken.IsCancellationRequested)
            {
                Assert.Fail($"It does not end. Builds: {string.Join(", ", open)}. Messages: {string.Join(", ", left)}.");
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }

    private async Task WorkAsync(StageHost process)
    {
        var took = await process.WorkAsync(cancellationToken);
        lock (_gate)
        {
            SlowestStart = took > SlowestStart ? took : SlowestStart;
        }
    }

    private async Task WaitAsync(TimeSpan until)
    {
        if (until > _watch.Elapsed)
        {
            await Task.Delay(until - _watch.Elapsed, cancellationToken);
        }
    }
}
