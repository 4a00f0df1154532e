namespace BuildRunner.Git.Tests.Remotes;

/// <summary>Commits that a server does not give, or does not give at once.</summary>
[Slow]
public sealed class UnavailableCommitTests : IAsyncLifetime
{
    private static readonly string Nowhere = new('1', 40);

    private RemoteFixture _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await RemoteFixture.CreateAsync();

    public ValueTask DisposeAsync() => _remote.DisposeAsync();

    [TimedTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_commit_that_the_remote_lacks_ends_the_build_and_is_named(bool isOld)
    {
        _remote.Server.IsOld = isOld;
        await using var runner = _remote.CreateRunner();

        var build = await runner.BuildAsync(Nowhere);

        ShouldName(build, Nowhere);
    }

    [TimedFact]
    public async Task One_that_is_lacking_is_told_from_many_that_are_not()
    {
        List<string> heads = [];
        for (var number = 0; number < 5; number++)
        {
            heads.Add(await _remote.Origin.CommitAsync($"head-{number}", ($"{number}.txt", "")));
        }

        // Given by their ids alone: their references are gone.
        await _remote.Origin.GitAsync(["checkout", "--quiet", TestRepository.Main]);
        await _remote.Origin.GitAsync(["branch", "--quiet", "-D", .. Enumerable.Range(0, 5).Select(static number => $"head-{number}")]);
        await using var runner = _remote.CreateRunner();

        var build = await runner.BuildAsync([heads[0], Nowhere, .. heads[1..]]);

        ShouldName(build, Nowhere);
        heads.Should().NotContain(head => build.Log.Contains(head, StringComparison.Ordinal));
    }

    [TimedFact]
    public async Task A_server_that_gives_no_commits_by_id_is_asked_for_the_references()
    {
        var middle = await _remote.Origin.CommitAsync("head", ("middle.txt", ""));
        var tip = await _remote.Origin.CommitAsync("head", ("tip.txt", ""));
        await _remote.Origin.CommitAsync(TestRepository.Main, ("later.txt", ""));
        _remote.Server.IsOld = true;
        await using var runner = _remote.CreateRunner();
        var head = GitChange.Create("localhost", "repository", "refs/heads/head", middle);

        var build = await runner.FinishAsync(await runner.Runner.TriggerAsync([], [head]));

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        build.Lines.Should().Contain("middle.txt").And.NotContain("tip.txt", "{0} was not asked for", tip);
    }

    [TimedFact]
    public async Task A_commit_that_its_reference_does_not_lead_to_is_not_taken_for_the_tip()
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await _remote.Origin.GitAsync("commit", "--quiet", "--amend", "--message", "amended");
        _remote.Server.IsOld = true;
        await using var runner = _remote.CreateRunner();

        var build = await runner.FinishAsync(await runner.Runner.TriggerAsync([], [GitChange.Create("localhost", "repository", "refs/heads/head", head)]));

        ShouldName(build, head);
    }

    [TimedTheory]
    [InlineData("tag", "v1")]
    [InlineData("tree", "HEAD^{tree}")]
    [InlineData("blob", "HEAD:head.txt")]
    public async Task An_object_that_is_not_a_commit_ends_the_build_and_is_named(string type, string revision)
    {
        await _remote.Origin.CommitAsync("head", ("head.txt", "of head\n"));
        await _remote.Origin.GitAsync("tag", "--annotate", "--message", "v1", "v1");
        var id = await _remote.Origin.TipAsync(revision);
        (await _remote.Origin.GitAsync("cat-file", "-t", id)).Should().Be(type);
        await using var runner = _remote.CreateRunner();

        var build = await runner.BuildAsync(id);

        ShouldName(build, id);
    }

    [TimedFact]
    public async Task A_server_that_has_the_commit_without_its_history_ends_the_build()
    {
        await _remote.Origin.CommitAsync(TestRepository.Main, ("second.txt", ""));
        var tip = await _remote.Origin.CommitAsync(TestRepository.Main, ("third.txt", ""));
        using var shallow = await TestRepository.CloneAsync(_remote.Origin, "--depth=1");
        await using GitHttpServer server = new(shallow);
        await using var runner = _remote.CreateRunner(options => options.Remote = server.Address);

        var build = await runner.BuildAsync();

        ShouldName(build, tip);
    }

    [TimedTheory]
    [InlineData("sha1", "sha256")]
    [InlineData("sha256", "sha1")]
    public async Task A_remote_of_the_other_object_format_is_rejected(string format, string otherFormat)
    {
        using var repository = await TestRepository.CreateAsync("--object-format=" + format);
        using var other = await TestRepository.CreateAsync("--object-format=" + otherFormat);
        await using GitHttpServer server = new(other);
        await using var runner = new TestRunner(repository, options => options.Remote = server.Address);

        var trigger = () => runner.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
    }

    [TimedFact]
    public async Task A_change_of_the_other_object_format_is_rejected()
    {
        await using var runner = _remote.CreateRunner();

        var trigger = () => runner.TriggerAsync(new string('1', 64));

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
        _remote.Server.Requests.Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_target_of_the_other_object_format_is_rejected()
    {
        await using var runner = _remote.CreateRunner(static options => options.TargetBranch = new string('1', 64));

        var trigger = () => runner.TriggerAsync();

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    private static void ShouldName(FinishedBuild build, string commitId)
    {
        build.Status.Should().Be(BuildStatus.Failed, build.Log);
        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        build.Log.Should().Contain(commitId);
    }
}
