using System.Text;
using BuildRunner.Http;
using BuildRunner.Testing;

namespace BuildRunner.Git.Tests.Merged;

/// <summary>Each member, with an id of the CI and with one of the decorator, and only where the CI's runner has it.</summary>
public sealed class MemberTests : IAsyncLifetime
{
    private static readonly BuildId NeverMade = new($"merged-refs:{new string('0', 32)}:{new string('1', 32)}");

    private MergedFixture _fixture = null!;
    private WholeCi _ci = null!;
    private MergedHost _host = null!;
    private BuildId _built;
    private BuildId _conflict;

    public async ValueTask InitializeAsync()
    {
        _fixture = await MergedFixture.CreateAsync();
        _ci = new WholeCi(_fixture.Ci);
        _host = _fixture.CreateHost(ci: _ci);
        _fixture.Ci.NextBuild(FakeBuild.RunsUntilCancelled() with { Log = "output\n", Metadata = BuildMetadata.Create([new("url", "http://ci/1")]) });
        var (left, right) = (await _fixture.CommitAsync("left", "same.txt"), await _fixture.CommitAsync("right", "same.txt"));
        _built = await _host.TriggerByKeyAsync("built", left);
        _conflict = await _host.Runner.TriggerAsync(new BuildRequest { Base = [left], Head = [right], TriggerKey = "conflict" });
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedFact]
    public async Task A_status_is_that_of_the_CI_with_commit_and_reference_on_every_host()
    {
        var (reference, commit) = (await _fixture.ReadReferencesAsync()).Single();
        BuildSnapshot expected = new() { Status = BuildStatus.Running, Metadata = BuildMetadata.Create([new("commit", commit), new("ref", reference)]) };

        foreach (var host in new[] { _host, _fixture.CreateHost(ci: _ci) })
        {
            (await host.StatusAsync(_built) with { PollAfter = null }).Should().Be(expected);
        }
    }

    [TimedFact]
    public async Task A_status_of_the_CI_does_not_need_the_remote()
    {
        var hidden = _fixture.Origin.Path + "-hidden";
        Directory.Move(_fixture.Origin.Path, hidden);

        var here = await _host.StatusAsync(_built);
        var there = await _fixture.CreateHost(ci: _ci).StatusAsync(_built);
        Func<Task> own = () => _fixture.CreateHost(ci: _ci).StatusAsync(_conflict);

        (here.Status, here.Metadata.ContainsKey("commit")).Should().Be((BuildStatus.Running, true));
        (there.Status, there.Metadata.ContainsKey("commit")).Should().Be((BuildStatus.Running, false));
        await own.Should().ThrowAsync<BuildRunnerException>();
        (await _host.StatusAsync(_conflict)).Status.Should().Be(BuildStatus.Failed);
        Directory.Move(hidden, _fixture.Origin.Path);
    }

    [TimedFact]
    public async Task A_build_that_was_triggered_without_merged_refs_is_told_of_as_it_is()
    {
        var foreign = await _fixture.Ci.TriggerAsync(new BuildRequest());

        (await _host.StatusAsync(foreign)).Should().Be(await _fixture.Ci.StatusAsync(foreign));
        (await _host.Merged.FindCommitAsync(foreign)).Should().BeNull();
        await _host.Awaiting(host => host.Merged.LandAsync(foreign)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [TimedFact]
    public async Task A_cancel_reaches_the_CI_and_does_nothing_to_a_conflict()
    {
        await _host.Runner.CancelAsync(_built);
        await _host.Runner.CancelAsync(_conflict);

        _fixture.Ci.Cancels.Should().Equal(_built);
        (await _host.StatusAsync(_built)).Status.Should().Be(BuildStatus.Cancelled);
        (await _host.StatusAsync(_conflict)).Status.Should().Be(BuildStatus.Failed);
    }

    [TimedFact]
    public async Task A_log_is_that_of_the_CI_and_that_of_a_conflict_says_what_conflicts()
    {
        (await ReadLogAsync(_built)).Should().Be("output\n");
        (await ReadLogAsync(_conflict)).Should().Contain("same.txt");
    }

    [TimedFact]
    public async Task A_key_finds_both_on_every_host()
    {
        foreach (var host in new[] { _host, _fixture.CreateHost(ci: _ci) })
        {
            var finder = host.Runner.As<IBuildFinder>()!;
            (await finder.FindAsync("built")).Should().Be(_built);
            (await finder.FindAsync("conflict")).Should().Be(_conflict);
            (await finder.FindAsync("none")).Should().BeNull();
        }
    }

    [TimedFact]
    public async Task Shared_reads_are_those_of_the_CI()
    {
        var reader = _host.Runner.As<IBuildStatusReader>()!;

        var built = await reader.StatusAsync(_built, TimeSpan.FromSeconds(3));
        var conflict = await reader.StatusAsync(_conflict, TimeSpan.FromSeconds(3));

        (reader.Freshness, built.Status, conflict.Status).Should().Be((_ci.Freshness, BuildStatus.Running, BuildStatus.Failed));
        built.Metadata.ContainsKey("commit").Should().BeTrue();
        _ci.MaxAges.Should().Equal(TimeSpan.FromSeconds(3));
    }

    [TimedFact]
    public async Task A_webhook_is_for_the_CI_to_read()
    {
        var reader = _host.Runner.As<IBuildWebhookReader>()!;

        (await reader.ReadWebhookAsync(new Dictionary<string, string> { ["signature"] = "x" }, Encoding.UTF8.GetBytes(_built.Value))).Should().Equal(_built);
        (await reader.ReadWebhookAsync(new Dictionary<string, string>(), default)).Should().BeNull();
    }

    [TimedFact]
    public async Task What_the_runner_of_the_CI_does_not_have_is_not_there()
    {
        var runner = _fixture.CreateHost(ci: new PlainCi(_ci)).Runner;

        runner.As<IMergedRefs>().Should().NotBeNull();
        (runner.As<IBuildFinder>(), runner.As<IBuildLogSource>(), runner.As<IBuildStatusReader>(), runner.As<IBuildWebhookReader>()).Should().Be((null, null, null, null));
    }

    [TimedFact]
    public void The_runner_of_the_CI_is_hidden()
    {
        _host.Runner.As<WholeCi>().Should().BeNull();
        _host.Runner.As<FakeBuildRunner>().Should().BeNull();
    }

    [TimedFact]
    public async Task An_id_that_was_never_made_is_not_found_by_any_member()
    {
        var runner = _host.Runner;
        Func<Task>[] calls =
        [
            () => runner.StatusAsync(NeverMade),
            () => runner.CancelAsync(NeverMade),
            () => runner.As<IBuildLogSource>()!.OpenLogAsync(NeverMade),
            () => runner.As<IBuildStatusReader>()!.StatusAsync(NeverMade, TimeSpan.Zero),
            () => _host.Merged.LandAsync(NeverMade),
        ];

        foreach (var call in calls)
        {
            (await call.Should().ThrowExactlyAsync<BuildNotFoundException>()).Which.BuildId.Should().Be(NeverMade);
        }

        (await _host.Merged.FindCommitAsync(NeverMade)).Should().BeNull();
    }

    private async Task<string> ReadLogAsync(BuildId buildId)
    {
        using StreamReader reader = new(await _host.Runner.As<IBuildLogSource>()!.OpenLogAsync(buildId));
        return await reader.ReadToEndAsync();
    }
}
