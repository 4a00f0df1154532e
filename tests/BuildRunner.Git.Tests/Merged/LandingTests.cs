namespace BuildRunner.Git.Tests.Merged;

/// <summary>Exactly the built commit lands, or nothing, in a local repository and on a server.</summary>
[Slow]
public sealed class LandingTests : IAsyncLifetime
{
    private MergedFixture _fixture = null!;
    private GitHttpServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _fixture = await MergedFixture.CreateAsync();
        await _fixture.Origin.GitAsync("config", "http.receivepack", "true");
        await _fixture.Origin.GitAsync("checkout", "--quiet", "--detach");
        _server = new GitHttpServer(_fixture.Origin);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _fixture.DisposeAsync();
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Three_speculative_builds_land_one_after_the_other_without_a_rebuild(bool isLocal)
    {
        var host = CreateHost(isLocal);
        var (one, two, three) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"), await _fixture.CommitAsync("three"));
        BuildId[] builds = [await host.TriggerAsync(one), await host.TriggerOnAsync([one], two), await host.TriggerOnAsync([one, two], three)];
        var tips = new List<string>();

        foreach (var build in builds)
        {
            var commit = (await host.Merged.FindCommitAsync(build))!;
            (await host.Merged.LandAsync(build)).Should().Be(new LandingResult { Outcome = LandingOutcome.Landed, CommitId = commit });
            tips.Add(await _fixture.Origin.TipAsync());
            commit.Should().Be(tips[^1]);
        }

        _fixture.Ci.CreatedBuilds.Should().Be(3);
        (await _fixture.Origin.GitAsync("rev-list", "--first-parent", "--merges", "--reverse", "main")).Split('\n').Should().Equal(tips);
        (await _fixture.Origin.GitAsync("ls-tree", "--name-only", "main")).Split('\n').Should().Equal("one.txt", "target.txt", "three.txt", "two.txt");
        await _fixture.WaitForReferencesAsync(0);
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_built_on_one_host_lands_from_another_also_when_its_reference_is_gone(bool isLocal)
    {
        var build = await CreateHost(isLocal).TriggerAsync(await _fixture.CommitAsync("one"));
        await _fixture.Origin.GitAsync("update-ref", "-d", (await _fixture.ReadReferencesAsync()).Keys.Single());

        var result = await CreateHost(isLocal).Merged.LandAsync(build);

        result.Should().Be(new LandingResult { Outcome = LandingOutcome.Landed, CommitId = await _fixture.Origin.TipAsync() });
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_the_target_has_already_has_landed(bool isLocal)
    {
        var host = CreateHost(isLocal);
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await host.Merged.LandAsync(build);
        await _fixture.Origin.GitAsync("branch", "--quiet", "-D", "one");
        var tip = await _fixture.MoveTargetAsync();

        var again = await host.Merged.LandAsync(build);

        again.Should().Be(new LandingResult { Outcome = LandingOutcome.Landed, CommitId = await host.Merged.FindCommitAsync(build) });
        (await _fixture.Origin.TipAsync()).Should().Be(tip);
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_target_that_has_moved_is_told_and_left_alone(bool isLocal)
    {
        var host = CreateHost(isLocal);
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        var tip = await _fixture.MoveTargetAsync();

        await ShouldBeMovedAsync(host, build, tip);
    }

    [TimedFact]
    public async Task A_target_with_what_is_not_the_first_of_the_request_has_moved()
    {
        var host = CreateHost(isLocal: true);
        var (one, two) = (await _fixture.CommitAsync("one"), await _fixture.CommitAsync("two"));
        var (behind, alone) = (await host.TriggerOnAsync([one], two), await host.TriggerAsync(two));
        await host.Merged.LandAsync(alone);

        await ShouldBeMovedAsync(host, behind, (await host.Merged.FindCommitAsync(alone))!);
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_target_that_was_rewound_has_moved(bool isLocal)
    {
        var before = await _fixture.Origin.TipAsync();
        await _fixture.MoveTargetAsync();
        var host = CreateHost(isLocal);
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await _fixture.Origin.GitAsync("update-ref", "refs/heads/main", before);

        await ShouldBeMovedAsync(host, build, before);
    }

    [TimedFact]
    public async Task A_target_with_another_history_has_moved()
    {
        var host = CreateHost(isLocal: true);
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        var unrelated = await _fixture.Origin.ShellAsync("git commit-tree -m unrelated $(git mktree < /dev/null)");
        await _fixture.Origin.GitAsync("update-ref", "refs/heads/main", unrelated);

        await ShouldBeMovedAsync(host, build, unrelated);
    }

    [TimedTheory]
    [InlineData(true, "git symbolic-ref refs/heads/alias refs/heads/main; git branch -q -m main elsewhere; git symbolic-ref refs/heads/main refs/heads/elsewhere")]
    [InlineData(false, "git branch -q -m main elsewhere; git symbolic-ref refs/heads/main refs/heads/elsewhere")]
    [InlineData(true, "git checkout -q main")]
    [InlineData(false, "git checkout -q main")]
    [InlineData(true, "git worktree add -q ../beside main")]
    [InlineData(false, "git worktree add -q ../beside main")]
    public async Task A_target_that_cannot_move_blocks_with_a_reason_and_changes_nothing(bool isLocal, string script)
    {
        var host = CreateHost(isLocal);
        await _fixture.CommitAsync("other");
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await _fixture.Origin.ShellAsync(script);
        var before = await _fixture.ReadReferencesAsync("refs/");

        var result = await host.Merged.LandAsync(build);

        (result.Outcome, result.CommitId).Should().Be((LandingOutcome.Blocked, null));
        result.Reason.Should().NotBeNullOrWhiteSpace();
        (await _fixture.ReadReferencesAsync("refs/")).Should().Equal(before);
    }

    [TimedTheory]
    [InlineData(true, "refs/heads/one")]
    [InlineData(false, "refs/heads/one")]
    [InlineData(true, "refs/heads/main")]
    [InlineData(false, "refs/heads/main")]
    public async Task What_somebody_pushes_between_the_look_and_the_move_is_not_lost(bool isLocal, string reference)
    {
        var host = CreateHost(isLocal);
        var other = (await _fixture.CommitAsync("other")).Uris[0].Split('/')[^1];
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        var before = await _fixture.Origin.TipAsync();
        host.Reached = step =>
        {
            if (step == BuildRunner.Git.Merged.MergedStep.Compared)
            {
                _fixture.Origin.GitAsync("update-ref", reference, other).GetAwaiter().GetResult();
            }
        };

        var result = await host.Merged.LandAsync(build);

        result.Outcome.Should().Be(reference == "refs/heads/main" ? LandingOutcome.Moved : LandingOutcome.HeadMoved);
        (await _fixture.Origin.TipAsync(reference)).Should().Be(other);
        (await _fixture.Origin.TipAsync()).Should().Be(reference == "refs/heads/main" ? other : before);
    }

    [TimedTheory]
    [InlineData("-86400")]
    [InlineData("99999999999999")]
    public async Task A_date_that_is_out_of_the_ordinary_is_no_obstacle(string date)
    {
        await _fixture.CommitAsync("one");
        await _fixture.Origin.ShellAsync($"git config receive.fsckObjects true; git update-ref refs/heads/one $(git cat-file commit one | sed -E 's/^(author|committer) (.*>).*/\\1 \\2 {date} +0000/' | git hash-object -t commit -w --stdin --literally)");
        var host = CreateHost(isLocal: true);

        var result = await host.Merged.LandAsync(await host.TriggerAsync(MergedFixture.ChangeOf("one", await _fixture.Origin.TipAsync("one"))));

        result.Outcome.Should().Be(LandingOutcome.Landed);
    }

    [TimedTheory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task A_head_that_is_not_what_was_built_has_moved(bool isLocal, bool isGone)
    {
        var host = CreateHost(isLocal);
        var other = (await _fixture.CommitAsync("other")).Uris[0].Split('/')[^1];
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await _fixture.Origin.ShellAsync(isGone ? "git branch -q -D one" : "git update-ref refs/heads/one refs/heads/other");
        var before = await _fixture.ReadReferencesAsync("refs/");

        var result = await host.Merged.LandAsync(build);

        (result.Outcome, result.CommitId).Should().Be((LandingOutcome.HeadMoved, null));
        result.Reason.Should().Contain("refs/heads/one").And.Contain(isGone ? "gone" : other);
        (await _fixture.ReadReferencesAsync("refs/")).Should().Equal(before);
    }

    [TimedFact]
    public async Task A_conflict_is_refused()
    {
        var (left, right) = (await _fixture.CommitAsync("left", "same.txt"), await _fixture.CommitAsync("right", "same.txt"));
        var host = CreateHost(isLocal: true);

        (await host.Merged.LandAsync(await host.TriggerOnAsync([left], right))).Outcome.Should().Be(LandingOutcome.Refused);
    }

    [TimedFact]
    public async Task A_server_that_protects_the_target_is_quoted()
    {
        var host = CreateHost(isLocal: false);
        var build = await host.TriggerAsync(await _fixture.CommitAsync("one"));
        await _fixture.Origin.ShellAsync("printf '#!/bin/sh\\necho not by you; exit 1\\n' > .git/hooks/pre-receive; chmod +x .git/hooks/pre-receive");

        var result = await host.Merged.LandAsync(build);

        result.Outcome.Should().Be(LandingOutcome.Blocked);
        result.Reason.Should().Contain("not by you");
    }

    [TimedTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Branches_and_the_target_are_read_at_once(bool isLocal)
    {
        var one = (await _fixture.CommitAsync("one")).Uris[0].Split('/')[^1];
        var host = CreateHost(isLocal);

        var tips = await host.Merged.ReadTipsAsync(["one", "none", "o*", "", "refs/heads/one"]);

        tips.Should().BeEquivalentTo(new Dictionary<string, string> { ["one"] = one, ["refs/heads/one"] = one, ["main"] = await _fixture.Origin.TipAsync() });
        (await host.Merged.IsInHistoryAsync(one, tips["main"])).Should().BeTrue();
        (await host.Merged.IsInHistoryAsync(tips["main"], one)).Should().BeFalse();
        (await host.Merged.IsInHistoryAsync(tips["main"], new string('1', 40))).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("git checkout -q main")]
    [InlineData("git branch -q -m main elsewhere; git symbolic-ref refs/heads/main refs/heads/elsewhere")]
    [InlineData("git update-ref -d refs/heads/main")]
    public async Task A_target_that_nothing_can_land_on_is_a_fault_of_the_setup(string script)
    {
        await _fixture.Origin.ShellAsync(script);

        await CreateHost(isLocal: true).Awaiting(static host => host.Merged.ReadTipsAsync([])).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    private MergedHost CreateHost(bool isLocal) => _fixture.CreateHost(options => options.Remote = isLocal ? _fixture.Origin.Path : _server.Address);

    private async Task ShouldBeMovedAsync(MergedHost host, BuildId build, string tip)
    {
        var result = await host.Merged.LandAsync(build);

        (result.Outcome, result.CommitId).Should().Be((LandingOutcome.Moved, tip));
        result.Reason.Should().Contain(tip);
        (await _fixture.Origin.TipAsync()).Should().Be(tip);
    }
}
