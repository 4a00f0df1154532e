using System.Text.Json;
using BuildRunner.Git.Host;
using BuildRunner.Git.Merged;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>A kill at any moment causes no build of a wrong commit, no second build for a key, and no reference that stays forever.</summary>
[Slow]
public sealed class MergedCrashTests : IAsyncLifetime
{
    private static readonly MergedStep[] Landing = [MergedStep.Compared, MergedStep.Moved];
    private static readonly MergedStep[] Refusing = [MergedStep.Rejected, MergedStep.Withdrawn];

    // Longer by hand: CRASH_KILLS=200.
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("CRASH_KILLS") ?? "12", System.Globalization.CultureInfo.InvariantCulture);

    private readonly TempDirectory _directory = new();
    private MergedFixture _fixture = null!;
    private FileCi _ci = null!;

    public static TheoryData<string> Steps => [.. Enum.GetValues<MergedStep>().Except(Landing).Select(static step => step.ToString())];

    public static TheoryData<string, string> StepsOfOtherCis
    {
        get
        {
            TheoryData<string, string> data = new() { { nameof(MergedStep.Pushed), "plain" }, { nameof(MergedStep.Triggered), "plain" } };
            foreach (var step in Enum.GetValues<MergedStep>().Except(Landing))
            {
                data.Add(step.ToString(), "lags");
            }

            return data;
        }
    }

    public async ValueTask InitializeAsync()
    {
        _fixture = await MergedFixture.CreateAsync();
        _ci = new FileCi(Directory.CreateDirectory(_directory["ci"]).FullName);
    }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        _directory.Dispose();
    }

    [TimedTheory]
    [MemberData(nameof(Steps))]
    public async Task A_key_has_one_build_of_the_right_commit_wherever_its_process_was_killed(string step)
    {
        BuildRequest request = new() { Base = [await _fixture.CommitAsync("one")], Head = [await _fixture.CommitAsync("two")], TriggerKey = "key" };
        var refuses = _directory["ci/refuses"];
        if (Refusing.Contains(Enum.Parse<MergedStep>(step)))
        {
            await File.WriteAllTextAsync(refuses, "", TestContext.Current.CancellationToken);
        }

        await using (var host = StartHost(step + ":1"))
        {
            (await host.TryAskAsync("trigger " + JsonSerializer.Serialize(request))).Should().BeNull();
            await host.WaitForDeathAsync();
        }

        File.Delete(refuses);
        await _fixture.MoveTargetAsync();

        // Another host, and the same state directory as well.
        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        var other = _fixture.CreateHost(ci: _ci);
        var buildId = await other.Runner.TriggerAsync(request);
        await using (var again = StartHost("-"))
        {
            (await again.AskAsync("trigger " + JsonSerializer.Serialize(request))).Should().Be(buildId.Value);
        }

        await ShouldBeSettledAsync(other, [buildId]);
    }

    [TimedTheory]
    [MemberData(nameof(StepsOfOtherCis))]
    public async Task A_CI_that_does_not_find_its_builds_has_one_at_most_and_an_outcome_that_is_not_known_is_said_to_be(string step, string kind)
    {
        BuildRequest request = new() { Head = [await _fixture.CommitAsync("one")], TriggerKey = "key" };
        await File.WriteAllTextAsync(_directory["ci/lags"], "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_directory["ci/" + kind], "", TestContext.Current.CancellationToken);
        var refuses = _directory["ci/refuses"];
        if (Refusing.Contains(Enum.Parse<MergedStep>(step)))
        {
            await File.WriteAllTextAsync(refuses, "", TestContext.Current.CancellationToken);
        }

        await using (var host = StartHost(step + ":1"))
        {
            (await host.TryAskAsync("trigger " + JsonSerializer.Serialize(request))).Should().BeNull();
            await host.WaitForDeathAsync();
        }

        File.Delete(refuses);
        var before = _ci.Builds.Count;
        var isUnknown = step is nameof(MergedStep.Pushed) or nameof(MergedStep.Triggered) or nameof(MergedStep.Rejected);
        foreach (var state in new[] { "state", "other" })
        {
            await using var again = StartHost("-", state);
            (await again.TryAskAsync("trigger " + JsonSerializer.Serialize(request))).Should().Be(isUnknown ? nameof(TriggerOutcomeUnknownException) : "1");
        }

        (before, _ci.Builds.Count).Should().Be((step is nameof(MergedStep.Triggered) or nameof(MergedStep.Recorded) ? 1 : 0, isUnknown ? before : 1));
    }

    [TimedTheory]
    [InlineData(nameof(MergedStep.Compared))]
    [InlineData(nameof(MergedStep.Moved))]
    public async Task A_build_lands_once_wherever_its_process_was_killed(string step)
    {
        BuildRequest request = new() { Head = [await _fixture.CommitAsync("one")], TriggerKey = "key" };
        await using (var host = StartHost(step + ":1"))
        {
            var id = await host.AskAsync("trigger " + JsonSerializer.Serialize(request));
            (await host.TryAskAsync("land " + id)).Should().BeNull();
            await host.WaitForDeathAsync();
        }

        var other = _fixture.CreateHost(ci: _ci);
        var buildId = await other.Runner.TriggerAsync(request);
        (await other.Merged.LandAsync(buildId)).Outcome.Should().Be(LandingOutcome.Landed);

        (await _fixture.Origin.TipAsync()).Should().Be(await other.Merged.FindCommitAsync(buildId));
        (await _fixture.Origin.GitAsync("rev-list", "--count", "--merges", "main")).Should().Be("1");
        await ShouldBeSettledAsync(other, [buildId]);
    }

    [TimedFact]
    public async Task Nothing_is_lost_or_doubled_by_kills_at_random()
    {
        var seed = Environment.GetEnvironmentVariable("CRASH_SEED") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"CRASH_SEED={seed}");
        Random random = new(seed);
        Change[] heads = [await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"), await _fixture.CommitAsync("three")];
        Dictionary<string, (BuildRequest Request, HashSet<string> Answers)> asked = [];
        for (var kill = 0; kill < Kills; kill++)
        {
            // Now and then with a CI that refuses, or a state directory that was lost.
            var refuses = _directory["ci/refuses"];
            if (random.Next(3) == 0)
            {
                await File.WriteAllTextAsync(refuses, "", TestContext.Current.CancellationToken);
            }

            await using (var host = StartHost($"any:{random.Next(1, 12)}", state: "state-" + random.Next(2)))
            {
                for (var trigger = 0; trigger < 4; trigger++)
                {
                    // Some keys are new, some have been asked for before, with or without an answer.
                    var number = random.Next(kill + 2);
                    var key = $"key-{number}";
                    asked.TryAdd(key, (new BuildRequest { Head = [heads[number % heads.Length]], TriggerKey = key }, []));
                    if (await host.TryAskAsync("trigger " + JsonSerializer.Serialize(asked[key].Request)) is { } answer && !answer.EndsWith("Exception", StringComparison.Ordinal))
                    {
                        asked[key].Answers.Add(answer);
                    }
                }
            }

            File.Delete(refuses);
            await _fixture.MoveTargetAsync($"moved-{kill}.txt");
        }

        _fixture.Time.Advance(TimeSpan.FromMinutes(10));
        var other = _fixture.CreateHost(ci: _ci);
        List<BuildId> builds = [];
        foreach (var (request, answers) in asked.Values)
        {
            builds.Add(await other.Runner.TriggerAsync(request));
            answers.Should().BeSubsetOf([builds[^1].Value], "CRASH_SEED={0}", seed);
        }

        await ShouldBeSettledAsync(other, builds);
    }

    private HostProcess StartHost(string death, string state = "state") =>
        HostProcess.StartMerged(_directory[state], _fixture.Clone.Path, _fixture.Origin.Path, _directory["ci"], death);

    // The CI has one build for each key, of the reported commit, and nothing is left in the end.
    private async Task ShouldBeSettledAsync(MergedHost host, List<BuildId> builds)
    {
        _ci.Builds.Should().HaveCount(builds.Count).And.OnlyHaveUniqueItems(static build => build.Key);
        foreach (var buildId in builds)
        {
            var commit = (await host.Merged.FindCommitAsync(buildId))!;
            var change = _ci.Builds[int.Parse(buildId.Value, System.Globalization.CultureInfo.InvariantCulture) - 1].Change;
            change.Should().EndWith("/" + commit);
            (await host.StatusAsync(buildId)).Metadata["commit"].Should().Be(commit);
        }

        (await _fixture.ReadReferencesAsync()).Values.Should().BeSubsetOf(_ci.Builds.Select(static build => build.Change.Split('/')[^1]));
        _fixture.Time.Advance(TimeSpan.FromDays(8));
        var later = _fixture.CreateHost(ci: _ci);
        await later.StartAsync();
        await MergedFixture.WaitAsync(async () =>
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
            return (await _fixture.ReadReferencesAsync()).Count + (await _fixture.ReadReferencesAsync("refs/buildrunner/")).Count == 0;
        });
        (await _fixture.ReadReferencesAsync("refs/")).Keys.Should().OnlyContain(static reference => reference.StartsWith("refs/heads/", StringComparison.Ordinal));
    }
}
