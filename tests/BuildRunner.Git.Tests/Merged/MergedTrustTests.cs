using System.Text.Json;
using System.Text.RegularExpressions;
using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>Records at the remote are verified if possible, and belong to one target and one CI.</summary>
public sealed partial class MergedTrustTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await MergedFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_that_was_written_into_a_record_does_not_land(bool isKnownHere)
    {
        var host = _fixture.CreateHost();
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        var commit = (await _fixture.ReadReferencesAsync()).Values.Single();
        var evil = (await _fixture.CommitAsync("evil")).Uris[0].Split('/')[^1];
        var tip = await _fixture.Origin.TipAsync();
        await ForgeAsync(evil, record => Changes().Replace(record.Replace(commit, evil, StringComparison.Ordinal), "$1[]"));

        foreach (var _ in Enumerable.Range(0, 2))
        {
            (await (isKnownHere ? host : _fixture.CreateHost()).Merged.LandAsync(build)).Outcome.Should().Be(LandingOutcome.Refused);
        }

        (await _fixture.Origin.TipAsync()).Should().Be(tip);
    }

    [TimedFact]
    public async Task A_commit_that_is_not_what_the_CI_has_built_does_not_land()
    {
        _fixture.Ci.NextBuild(FakeBuild.Succeeds() with { Metadata = BuildMetadata.Create([new("commit", new string('1', 40))]) });
        var host = _fixture.CreateHost();

        var result = await host.Merged.LandAsync(await host.TriggerAsync(await _fixture.CommitAsync("one")));

        (result.Outcome, result.Reason!.Contains(new string('1', 40), StringComparison.Ordinal)).Should().Be((LandingOutcome.Refused, true));
    }

    [TimedFact]
    public async Task A_success_that_was_written_into_a_record_is_none()
    {
        var (left, right) = (await _fixture.CommitAsync("left", "same.txt"), await _fixture.CommitAsync("right", "same.txt"));
        var conflict = await _fixture.CreateHost().TriggerOnAsync([left], right);
        await ForgeAsync(await _fixture.Origin.TipAsync(), static record => Status().Replace(record, "$1" + JsonSerializer.Serialize(BuildStatus.Succeeded)));

        Func<Task> act = () => _fixture.CreateHost().StatusAsync(conflict);

        await act.Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [TimedFact]
    public async Task What_is_no_id_in_a_record_is_not_given_to_git()
    {
        var build = await _fixture.CreateHost().TriggerAsync(await _fixture.CommitAsync("one"));
        var tip = await _fixture.Origin.TipAsync();
        await ForgeAsync(tip, record => record.Replace($"\"target\":\"{tip}\"", "\"target\":\"--all\"", StringComparison.Ordinal));

        await _fixture.CreateHost().Awaiting(host => host.Merged.LandAsync(build)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [TimedFact]
    public async Task The_same_key_for_another_target_or_prefix_is_another_build()
    {
        var one = await _fixture.CommitAsync("one");
        await _fixture.Origin.GitAsync("branch", "release", "main");
        await _fixture.MoveTargetAsync();
        var host = _fixture.CreateHost();
        var release = _fixture.CreateHost(options => options.TargetBranch = "release", new FakeBuildRunner(_fixture.Time));
        var elsewhere = _fixture.CreateHost(options => options.RefPrefix = "refs/heads/elsewhere/", new FakeBuildRunner(_fixture.Time));

        var build = await host.TriggerByKeyAsync("key", one);
        var (ofRelease, ofPrefix) = (await release.TriggerByKeyAsync("key", one), await elsewhere.TriggerByKeyAsync("key", one));

        (ofRelease, ofPrefix).Should().Be((build, build), "they are of different CIs that count alike");
        (await release.Merged.FindCommitAsync(ofRelease)).Should().NotBe(await host.Merged.FindCommitAsync(build));
        (await _fixture.ReadReferencesAsync("refs/heads/elsewhere/")).Should().ContainSingle();
        (await release.Merged.LandAsync(ofRelease)).Outcome.Should().Be(LandingOutcome.Landed);
    }

    [TimedFact]
    public async Task An_id_that_two_CIs_have_given_lands_neither()
    {
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        FakeBuildRunner otherCi = new(_fixture.Time);
        var (host, other) = (_fixture.CreateHost(ci: new PlainCi(_fixture.Ci)), _fixture.CreateHost(ci: new PlainCi(otherCi)));
        var tip = await _fixture.Origin.TipAsync();

        var (first, second) = (await host.TriggerAsync(one), await other.TriggerAsync(two));

        second.Should().Be(first);
        foreach (var each in new[] { host, other, _fixture.CreateHost(ci: new PlainCi(_fixture.Ci)) })
        {
            (await each.Merged.LandAsync(first)).Outcome.Should().Be(LandingOutcome.Refused);
        }

        (await _fixture.Origin.TipAsync()).Should().Be(tip);
    }

    [TimedFact]
    public async Task A_history_that_cannot_be_read_is_not_one_without_the_commit()
    {
        var first = await _fixture.Origin.TipAsync();
        var second = await _fixture.MoveTargetAsync("a.txt");
        var tip = await _fixture.MoveTargetAsync("b.txt");
        var host = _fixture.CreateHost(options => options.Repository = _fixture.Origin.Path);
        (await host.Merged.IsInHistoryAsync(tip, first)).Should().BeTrue();
        File.Delete(Path.Combine(_fixture.Origin.Path, ".git", "objects", second[..2], second[2..]));

        await host.Awaiting(host => host.Merged.IsInHistoryAsync(tip, first)).Should().ThrowAsync<BuildRunnerException>();
    }

    [TimedFact]
    public async Task A_tip_that_was_fetched_outlives_cleaning_up()
    {
        var first = await _fixture.Origin.TipAsync();
        var tip = await _fixture.MoveTargetAsync();
        var host = _fixture.CreateHost();
        (await host.Merged.IsInHistoryAsync(tip, first)).Should().BeTrue();
        var repository = Path.GetDirectoryName(Directory.EnumerateDirectories(host.StateDirectory, "objects", SearchOption.AllDirectories).First())!;
        await _fixture.Origin.GitAsync("--git-dir=" + repository, "repack", "-A", "-d", "-l", "-q", "--unpack-unreachable=now");
        await _fixture.Origin.GitAsync("--git-dir=" + repository, "prune", "--expire=now");
        Directory.Move(_fixture.Origin.Path, _fixture.Origin.Path + "-hidden");

        var isIn = await host.Merged.IsInHistoryAsync(tip, tip);

        Directory.Move(_fixture.Origin.Path + "-hidden", _fixture.Origin.Path);
        isIn.Should().BeTrue();
    }

    [TimedTheory]
    [InlineData("doc/ci/github-actions/README.md", "build/**")]
    [InlineData("doc/ci/buildbot/master.cfg", "startswith(\"build/\")")]
    [InlineData("src/BuildRunner.Git/README.md", "refs/heads/build/")]
    public async Task The_prefix_that_the_documents_protect_is_the_default(string document, string rule)
    {
        new MergedRefsOptions().RefPrefix.Should().Be("refs/heads/build/");
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "BuildRunner.sln")))
        {
            root = root.Parent!;
        }

        (await File.ReadAllTextAsync(Path.Combine(root.FullName, document), TestContext.Current.CancellationToken)).Should().Contain(rule);
    }

    // Anybody who may push could do this.
    private async Task ForgeAsync(string parent, Func<string, string> forge)
    {
        foreach (var (reference, commitId) in await _fixture.ReadReferencesAsync("refs/buildrunner/"))
        {
            var record = await _fixture.Origin.GitAsync("log", "-1", "--format=%B", commitId);
            var forged = forge(record);
            forged.Should().NotBe(record);
            await File.WriteAllTextAsync(_fixture.Origin["forged"], forged, TestContext.Current.CancellationToken);
            await _fixture.Origin.GitAsync("update-ref", reference, await _fixture.Origin.GitAsync("commit-tree", parent + "^{tree}", "-p", parent, "-F", _fixture.Origin["forged"]));
        }
    }

    [GeneratedRegex("(\"(?:changes|head)\":)\\[.*?\\]")]
    private static partial Regex Changes();

    [GeneratedRegex("(\"status\":)(?:\"\\w+\"|\\d+)")]
    private static partial Regex Status();
}
