using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>Files that have succeeded are not built again, where that is asked for.</summary>
public sealed class MergedReuseTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;
    private Change _one = null!;
    private Change _same = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await MergedFixture.CreateAsync();

        // The same files by another commit.
        _one = await _fixture.CommitAsync("one", "file.txt", "same\n");
        await _fixture.Origin.GitAsync("commit", "--quiet", "--amend", "-m", "another", "--date=2001-01-01T00:00:00Z");
        _same = MergedFixture.ChangeOf("same", await _fixture.Origin.TipAsync("HEAD"));
        await _fixture.Origin.GitAsync("branch", "same");
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedFact]
    public async Task The_same_files_are_answered_with_the_earlier_success_on_every_host()
    {
        var earlier = await SucceedAsync(ReuseForADay);
        var host = _fixture.CreateHost(ReuseForADay);

        var buildId = await host.Runner.TriggerAsync(new BuildRequest { Head = [_same], Metadata = BuildMetadata.Create([new("who", "me")]), TriggerKey = "key" });
        var snapshot = await _fixture.CreateHost(ReuseForADay).StatusAsync(buildId);

        var commit = await host.Merged.FindCommitAsync(buildId);
        snapshot.Should().Be(new BuildSnapshot { Status = BuildStatus.Succeeded, Metadata = BuildMetadata.Create([new("who", "me"), new("commit", commit!), new("reused_from", earlier.Value)]) });
        commit.Should().NotBe(await host.Merged.FindCommitAsync(earlier));
        _fixture.Ci.CreatedBuilds.Should().Be(1);
        (await _fixture.ReadReferencesAsync()).Should().ContainSingle("what is not built needs no reference");
        (await host.Runner.TriggerAsync(new BuildRequest { Head = [_same], TriggerKey = "key" })).Should().Be(buildId);
        (await host.Merged.LandAsync(buildId)).Outcome.Should().Be(LandingOutcome.Landed);
        (await _fixture.Origin.TipAsync()).Should().Be(commit);
    }

    [TimedFact]
    public async Task Later_than_that_the_same_files_are_built_again()
    {
        await SucceedAsync(ReuseForADay);
        _fixture.Time.Advance(TimeSpan.FromHours(25));

        await _fixture.CreateHost(ReuseForADay).TriggerAsync(_same);

        _fixture.Ci.CreatedBuilds.Should().Be(2);
    }

    [TimedFact]
    public async Task It_is_off_by_default()
    {
        await SucceedAsync(ReuseForADay);

        await _fixture.CreateHost().TriggerAsync(_same);

        _fixture.Ci.CreatedBuilds.Should().Be(2);
    }

    [TimedFact]
    public async Task A_failure_is_not_reused()
    {
        _fixture.Ci.NextBuild(FakeBuild.Fails());
        var host = _fixture.CreateHost(ReuseForADay);
        await host.StatusAsync(await host.TriggerAsync(_one));

        await host.TriggerAsync(_same);

        _fixture.Ci.CreatedBuilds.Should().Be(2);
    }

    private static void ReuseForADay(MergedRefsOptions options) => options.ReuseFor = TimeSpan.FromDays(1);

    private async Task<BuildId> SucceedAsync(Action<MergedRefsOptions> configure)
    {
        var host = _fixture.CreateHost(configure);
        var buildId = await host.TriggerAsync(_one);
        (await host.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        await _fixture.WaitForReferencesAsync(3, "refs/buildrunner/");
        return buildId;
    }
}
