using BuildRunner.Orchestration.Soak;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Four processes share a runner that may have a few builds at a time, and two of them are killed again and again.</summary>
[Collection("Soak")]
public abstract class FourProcesses<TDatabase>
    where TDatabase : SoakDatabase, new()
{
    private const int Builds = 60;
    private const int Steady = 2;
    private const int Killed = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestLife = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task The_runner_never_has_more_builds_than_it_may_have_and_all_end()
    {
        SoakOptions options = new(Seconds: 1, Builds, Seed: Random.Shared.Next());
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        await using TDatabase database = new();
        await database.InitializeAsync();
        FaultyCi ci = new(options, SoakPlan.OfLimited(options));
        await using CiServer server = new(ci);
        using var client = SoakRun.CreateClient(database);
        await client.StartAsync(patience.Token);
        var builds = client.Services.GetRequiredService<IBuildOrchestrator>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(patience.Token);

        var processes = Enumerable.Range(0, Steady + Killed).Select(number => KeepAsync(database, server, number < Steady, stop.Token)).ToList();
        var submitted = await SubmitAsync(builds, options, patience.Token);
        var ended = await EndAsync(builds, submitted, patience.Token);
        await stop.CancelAsync();
        var kills = (await Task.WhenAll(processes)).Sum();

        TestContext.Current.TestOutputHelper!.WriteLine($"SOAK_SEED={options.Seed}, {kills} kills, at most {ci.MostInFlight} at a time, {ci.Crowds.Count} times more with those that had ended here.");
        SoakJudgement.OfLimits(ci, ended).Should().BeEmpty();
        ended.Should().OnlyContain(static build => build.Status == BuildStatus.Succeeded || build.Status == BuildStatus.Failed);
        ended.Count(static build => build.Status == BuildStatus.Succeeded).Should().BeGreaterThan(Builds * 9 / 10);
        ci.MostInFlight.Should().BeGreaterThanOrEqualTo(SoakStage.MaxInFlight, "the slots were to be used");
        kills.Should().BeGreaterThanOrEqualTo(Killed);
        await client.StopAsync(CancellationToken.None);
    }

    private static async Task<IReadOnlyList<Guid>> SubmitAsync(IBuildOrchestrator builds, SoakOptions options, CancellationToken cancellationToken)
    {
        List<Guid> submitted = [];
        foreach (var planned in SoakPlan.OfLimited(options).Random)
        {
            var build = await builds.SubmitAsync(
                new() { Key = $"four-{planned.Number}", OwnerId = $"owner-{planned.Number % 7}", Runner = SoakStage.Limited, Request = SoakPlan.RequestOf(planned), Priority = planned.Number % 3 },
                cancellationToken);
            submitted.Add(build.Id);
        }

        return submitted;
    }

    private static async Task<IReadOnlyList<Build>> EndAsync(IBuildOrchestrator builds, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        List<Build> ended = [];
        foreach (var id in ids)
        {
            while ((await builds.GetAsync(id, cancellationToken))! is var build)
            {
                if (build.Status.IsTerminal())
                {
                    ended.Add(build);
                    break;
                }

                await Task.Delay(100, cancellationToken);
            }
        }

        return ended;
    }

    // One that is killed is followed by another one.
    private static async Task<int> KeepAsync(TDatabase database, CiServer server, bool isSteady, CancellationToken cancellationToken)
    {
        for (var kills = 0; ; kills++)
        {
            await using var process = StageHost.Start(database, server.Path);
            try
            {
                await process.WorkAsync(cancellationToken);
                await Task.Delay(isSteady ? Timeout.InfiniteTimeSpan : Random.Shared.NextDouble() * LongestLife, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return kills;
            }
        }
    }
}
