using System.Globalization;
using System.Text.Json;
using BuildRunner.Http;
using BuildRunner.Orchestration;

namespace BuildRunner.Buildbot.Tests.Chaos;

/// <summary>A real Buildbot builds each request once, and our record has its end, whatever is killed.</summary>
[Slow]
public sealed class ChaosTests
{
    private const int Workers = 8;

    private const int Success = 0;
    private const int Failure = 2;
    private const int Cancelled = 6;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(20);

    [Fact]
    public async Task Every_build_ends_once_and_as_it_should_whatever_is_killed()
    {
        var options = ChaosOptions.Read();
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"BUILDBOT_SEED={options.Seed}");
        await using var server = await BuildbotServer.StartAsync(workers: Workers);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience + (3 * options.Duration));
        var directory = Directory.CreateTempSubdirectory("buildrunner-chaos-");
        try
        {
            ChaosRun run = new(server, options, PlannedBuild.Draw(options), directory.FullName, patience.Token);

            var builds = await run.RunAsync();
            while (server.BuildProcesses > 0 && !patience.IsCancellationRequested)
            {
                // What was told to end is given ten seconds by Buildbot.
                await Task.Delay(100, CancellationToken.None);
            }

            var requests = await server.ReadAsync("buildrequests", "?property=build_request");
            var attempts = await server.ReadAsync("builds");
            output.WriteLine($"{run.Elapsed.TotalSeconds:F0} s, kills: {string.Join(", ", run.Kills)}.");
            output.WriteLine($"{builds.Count} builds, {requests.Count} created, {attempts.Count} attempts.");
            FaultsOf(builds, requests, run).Should().BeEmpty("BUILDBOT_SEED={0}", options.Seed);
            requests.Should().HaveCountGreaterThan(builds.Count / 2, "most were to be built");
            (await server.ReadAsync("builds", "?complete=false")).Should().BeEmpty("nothing runs on at the server");
            server.BuildProcesses.Should().Be(0, "nothing runs on at the worker");
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static List<string> FaultsOf(IReadOnlyList<(PlannedBuild Plan, Build Build)> builds, IReadOnlyList<JsonElement> requests, ChaosRun run)
    {
        var wakes = run.Wakes;
        var created = requests.ToLookup(static request => BuildRequestOf(request).Head[0]);
        List<string> faults =
        [
            .. created.Where(made => !builds.Any(item => item.Plan.Change == made.Key)).Select(made => $"{made.Key} was never submitted"),
        ];
        foreach (var (plan, build) in builds)
        {
            var ends = wakes[build.Id].Where(static wake => wake.Status.IsTerminal()).Distinct().ToList();
            string?[] found =
            [
                plan.MayEndAs(build.Status) ? null : $"has ended as {build.Status}",
                KindOf(build) == (build.Status == BuildStatus.Failed ? BuildFailureKinds.Code : null) ? null : $"has ended as {KindOf(build)}",
                ends is [var end] && end.Status == build.Status ? null : $"its owner was told {string.Join(", ", ends)}",
                .. RemotesOf(build, [.. created[plan.Change]]),
            ];
            faults.AddRange(found.OfType<string>().Select(fault => $"{plan}: {fault}; {build}"));
        }

        return faults;
    }

    private static IEnumerable<string?> RemotesOf(Build build, IReadOnlyList<JsonElement> remotes)
    {
        if (remotes is [])
        {
            // Only what was cancelled before it was triggered has none.
            yield return build is { RemoteId: null, Status: BuildStatus.Cancelled } ? null : "is not at the server";
            yield break;
        }

        yield return remotes.Count == 1 ? null : $"was created {remotes.Count} times";
        foreach (var remote in remotes)
        {
            var id = remote.GetProperty("buildrequestid").GetInt64().ToString(CultureInfo.InvariantCulture);
            var results = remote.GetProperty("results").GetInt32();
            yield return remote.GetProperty("complete").GetBoolean() ? null : $"{id} runs on";
            yield return build.RemoteId is null || build.RemoteId.Value.Value == id ? null : $"{id} is not the one that is known";
            yield return results == ResultsOf(build.Status) ? null : $"{id} has ended with {results}";
        }
    }

    private static int ResultsOf(BuildStatus end) => end switch
    {
        BuildStatus.Succeeded => Success,
        BuildStatus.Failed => Failure,
        _ => Cancelled,
    };

    private static string? KindOf(Build build) => build.Metadata.TryGetValue(BuildMetadataKeys.FailureKind, out var kind) ? kind : null;

    private static BuildRequest BuildRequestOf(JsonElement request) =>
        RequestDocument.Read(request.GetProperty("properties").GetProperty("build_request")[0].GetString())!;
}
