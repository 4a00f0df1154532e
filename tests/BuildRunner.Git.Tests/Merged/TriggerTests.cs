namespace BuildRunner.Git.Tests.Merged;

/// <summary>A trigger merges, pushes and has the commit built. Its build is found again by its key.</summary>
public sealed class TriggerTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await MergedFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TimedFact]
    public async Task The_CI_is_asked_for_one_reference_and_commit_with_everything_merged_into_it()
    {
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        var host = _fixture.CreateHost();

        var buildId = await host.Runner.TriggerAsync(new BuildRequest { Base = [one], Head = [two], Metadata = BuildMetadata.Create([new("who", "me")]), TriggerKey = "key" });

        var (reference, commit) = (await _fixture.ReadReferencesAsync()).Single();
        var asked = _fixture.Ci.Triggers.Single();
        asked.BuildId.Should().Be(buildId);
        asked.Request.Should().Be(new BuildRequest { Head = [GitChange.Create("localhost", "repository", reference, commit)], Metadata = BuildMetadata.Create([new("who", "me")]), TriggerKey = "key" });
        (await _fixture.Origin.GitAsync("ls-tree", "--name-only", commit)).Split('\n').Should().Equal("one.txt", "target.txt", "two.txt");
        (await _fixture.Origin.GitAsync("log", "--first-parent", "--format=%P", "-2", commit)).Split('\n').Select(static parents => parents.Split(' ')[1])
            .Should().Equal(CommitOf(two), CommitOf(one));
    }

    [TimedFact]
    public async Task The_commit_is_the_one_that_the_git_runner_builds()
    {
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        await using TestRunner gitRunner = new(_fixture.Origin);
        var built = await gitRunner.WaitAsync(await gitRunner.Runner.TriggerAsync([one], [two]));
        var host = _fixture.CreateHost();

        var buildId = await host.TriggerOnAsync([one], two);

        (await host.Merged.FindCommitAsync(buildId)).Should().Be(built.Metadata[BuildMetadataKeys.Commit]);
    }

    [TimedFact]
    public async Task The_same_changes_on_the_same_target_are_one_commit_under_two_references()
    {
        var one = await _fixture.CommitAsync("one");
        var host = _fixture.CreateHost();

        var (first, second) = (await host.TriggerAsync(one), await _fixture.CreateHost().TriggerAsync(one));

        first.Should().NotBe(second);
        var references = await _fixture.ReadReferencesAsync();
        references.Should().HaveCount(2);
        references.Values.Distinct().Should().ContainSingle();
    }

    [TimedFact]
    public async Task Without_a_key_none_is_passed_on()
    {
        await _fixture.CreateHost().TriggerAsync(await _fixture.CommitAsync("one"));

        _fixture.Ci.Triggers.Single().Request.TriggerKey.Should().BeNull();
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_key_gives_the_same_build_when_it_has_ended_the_target_has_moved_and_the_reference_is_gone(bool isOtherHost)
    {
        var one = await _fixture.CommitAsync("one");
        var first = _fixture.CreateHost();
        var buildId = await first.TriggerByKeyAsync("key", one);
        var commit = await first.Merged.FindCommitAsync(buildId);
        (await first.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        await _fixture.MoveTargetAsync();
        await _fixture.Origin.GitAsync("update-ref", "-d", (await _fixture.ReadReferencesAsync()).Keys.Single());

        var second = isOtherHost ? _fixture.CreateHost() : first;
        var again = await second.TriggerByKeyAsync("key", one);

        again.Should().Be(buildId);
        _fixture.Ci.CreatedBuilds.Should().Be(1);
        (await second.Merged.FindCommitAsync(again)).Should().Be(commit);
        (await second.StatusAsync(again)).Metadata[BuildMetadataKeys.Commit].Should().Be(commit);
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_key_with_another_head_or_base_is_refused(bool isOtherHost)
    {
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        var first = _fixture.CreateHost();
        await first.TriggerByKeyAsync("key", one);
        var second = isOtherHost ? _fixture.CreateHost() : first;

        Func<Task> otherHead = () => second.TriggerByKeyAsync("key", two);
        Func<Task> otherBase = () => second.Runner.TriggerAsync(new BuildRequest { Base = [two], Head = [one], TriggerKey = "key" });

        (await otherHead.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        (await otherBase.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        (_fixture.Ci.CreatedBuilds, (await _fixture.ReadReferencesAsync()).Count).Should().Be((1, 1));
    }

    [TimedFact]
    public async Task Two_runners_on_one_remote_have_keys_of_their_own()
    {
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        await _fixture.CreateHost().TriggerByKeyAsync("key", one);
        await using KeyedHost other = new(_fixture);

        await other.Runner.TriggerAsync(new BuildRequest { Head = [two], TriggerKey = "key" });

        (await _fixture.ReadReferencesAsync()).Should().HaveCount(2);
    }

    [TimedFact]
    public async Task Two_hosts_with_one_key_at_the_same_moment_have_one_build()
    {
        var one = await _fixture.CommitAsync("one");
        var hosts = Enumerable.Range(0, 3).Select(_ => _fixture.CreateHost()).ToArray();

        var buildIds = await Task.WhenAll(hosts.Concat(hosts).Select(TriggerAsync));

        async Task<BuildId> TriggerAsync(MergedHost host)
        {
            while (true)
            {
                try
                {
                    return await host.TriggerByKeyAsync("key", one);
                }
                catch (TriggerOutcomeUnknownException)
                {
                    // Another host has pushed, and is about to trigger.
                }
            }
        }

        buildIds.Distinct().Should().ContainSingle();
        (_fixture.Ci.CreatedBuilds, (await _fixture.ReadReferencesAsync()).Count).Should().Be((1, 1));
    }

    [TimedFact]
    public async Task A_change_that_is_not_of_the_repository_is_refused_and_nothing_is_pushed()
    {
        var host = _fixture.CreateHost();

        Func<Task> elsewhere = () => host.TriggerAsync(GitChange.Create("elsewhere", "repository", "refs/heads/one", new string('0', 40)));
        Func<Task> missing = () => host.TriggerAsync(MergedFixture.ChangeOf("one", new string('1', 40)));

        (await elsewhere.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        (await missing.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        (await _fixture.ReadReferencesAsync("refs/")).Keys.Should().Equal("refs/heads/main");
    }

    [TimedFact]
    public async Task A_change_that_git_cannot_merge_is_refused_and_others_are_not()
    {
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        var host = _fixture.CreateHost(options => options.Repository = _fixture.Origin.Path);
        var tree = await _fixture.Origin.TipAsync("one^{tree}");
        File.Delete(Path.Combine(_fixture.Origin.Path, ".git", "objects", tree[..2], tree[2..]));

        (await host.Awaiting(host => host.TriggerAsync(one)).Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        (await host.StatusAsync(await host.TriggerAsync(two))).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task Nothing_is_pushed_over_what_somebody_else_has_put_there()
    {
        var one = await _fixture.CommitAsync("one");
        var host = _fixture.CreateHost();
        await host.TriggerByKeyAsync("key", one);
        var (reference, _) = (await _fixture.ReadReferencesAsync()).Single();
        foreach (var record in (await _fixture.ReadReferencesAsync("refs/buildrunner/")).Keys)
        {
            await _fixture.Origin.GitAsync("update-ref", "-d", record);
        }

        var other = await _fixture.Origin.TipAsync();
        await _fixture.Origin.GitAsync("update-ref", reference, other);
        Func<Task> act = () => _fixture.CreateHost().TriggerByKeyAsync("key", one);

        await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        (await _fixture.ReadReferencesAsync()).Should().Equal(new Dictionary<string, string> { [reference] = other });
        _fixture.Ci.CreatedBuilds.Should().Be(1);
    }

    private static string CommitOf(Change change) => change.Uris[0].Split('/')[^1];
}
