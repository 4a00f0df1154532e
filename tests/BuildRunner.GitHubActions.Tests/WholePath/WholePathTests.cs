using BuildRunner.GitHubActions.Landing;
using BuildRunner.Orchestration;

namespace BuildRunner.GitHubActions.Tests.WholePath;

/// <summary>
/// From a branch to the target: the merged commit is pushed, dispatched, built and landed as it is, by a process that keeps builds in
/// SQLite, is killed in the middle, and learns of ends by webhooks alone.
/// </summary>
[Slow]
public sealed class WholePathTests : IAsyncLifetime
{
    private const int Accepted = 202;
    private const int Unauthorized = 401;

    private LandingFixture _fixture = null!;

    private BareRemote Remote => _fixture.Remote;

    private FakeGitHub GitHub => _fixture.GitHub;

    public async ValueTask InitializeAsync() => _fixture = await LandingFixture.CreateAsync();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Theory(Timeout = 600_000)]
    [InlineData(KillMoment.InDispatch)]
    [InlineData(KillMoment.WhileItRuns)]
    public async Task What_was_built_lands_once_and_what_the_target_has_left_behind_does_not(KillMoment moment)
    {
        var start = Remote.TipOf(LandingStage.Target)!;
        var one = LandingFixture.ChangeOf("one", Remote.Push("one", "one.txt"));
        var two = LandingFixture.ChangeOf("two", Remote.Push("two", "two.txt"));
        var death = moment == KillMoment.InDispatch ? _fixture.KillInDispatchAsync() : null;

        // Two builds, the second on top of the first.
        var first = await _fixture.SubmitAsync("first", [], one);
        var firstRun = await _fixture.WaitForRunAsync(1);
        if (death is not null)
        {
            await death.WaitAsync(TestContext.Current.CancellationToken);
            await _fixture.RestartAsync();
        }

        await _fixture.WaitUntilItRunsAsync(first);
        ShouldBuild(firstRun, [start, CommitOf(one)]);
        var second = await _fixture.SubmitAsync("second", [one], two);
        var secondRun = await _fixture.WaitForRunAsync(2);
        await _fixture.WaitUntilItRunsAsync(second);
        ShouldBuild(secondRun, [firstRun.HeadSha, CommitOf(two)]);
        if (moment == KillMoment.WhileItRuns)
        {
            _fixture.Kill();
        }

        _fixture.Succeed(firstRun);
        if (moment == KillMoment.WhileItRuns)
        {
            await _fixture.RestartAsync();
        }

        await ShouldNotBeMovedByAForgeryAsync(first, firstRun, secondRun);
        Remote.TipOf(LandingStage.Target).Should().Be(start);
        await ShouldEndAsync(firstRun, $"first Landed {firstRun.HeadSha}");
        Remote.TipOf(LandingStage.Target).Should().Be(firstRun.HeadSha);
        await _fixture.WaitForNoBranchAsync(firstRun.Reference);
        (await _fixture.DeliverAsync(firstRun)).Should().Be(Accepted);

        // The second could land as it is, had nobody pushed.
        var pushed = Remote.Push(LandingStage.Target, "pushed.txt");
        _fixture.Succeed(secondRun);
        await ShouldEndAsync(secondRun, $"second Moved {pushed}");
        Remote.TipOf(LandingStage.Target).Should().Be(pushed);
        Remote.Ask("rev-list", "--first-parent", LandingStage.Target).Split('\n').Should().Equal(pushed, firstRun.HeadSha, start);
        (Remote.TipOf("two"), Remote.TipOf(secondRun.Reference)).Should().Be((CommitOf(two), secondRun.HeadSha));

        var third = await _fixture.SubmitAsync("third", [], two);
        var thirdRun = await _fixture.WaitForRunAsync(3);
        await _fixture.WaitUntilItRunsAsync(third);
        ShouldBuild(thirdRun, [pushed, CommitOf(two)]);
        _fixture.Succeed(thirdRun);
        await ShouldEndAsync(thirdRun, $"third Landed {thirdRun.HeadSha}");
        Remote.TipOf(LandingStage.Target).Should().Be(thirdRun.HeadSha);
        Remote.Ask("ls-tree", "--name-only", LandingStage.Target).Split('\n').Should()
            .Equal("main.txt", "one.txt", "pushed.txt", "two.txt");

        await _fixture.StopAsync();
        GitHub.Dispatches.Should().Be(3, "each build was dispatched once");
        _fixture.Landings.Should().HaveCount(3, "a webhook that comes again lands nothing");
    }

    private static string CommitOf(Change change) => change.Uris[0].Split('/')[^1];

    // It is the merge that would land, pushed under the prefix.
    private void ShouldBuild(FakeRun run, string[] parents)
    {
        $"refs/heads/{run.Reference}".Should().StartWith(LandingStage.Prefix);
        Remote.TipOf(run.Reference).Should().Be(run.HeadSha);
        Remote.Ask("show", "--no-patch", "--format=%P", run.HeadSha).Split(' ').Should().Equal(parents);
    }

    // What is authentic, and of another build, shows when the forgery would have had its effect.
    private async Task ShouldNotBeMovedByAForgeryAsync(Build build, FakeRun run, FakeRun other)
    {
        var (reads, readsOfOther) = (_fixture.ReadsOf(run), _fixture.ReadsOf(other));

        (await _fixture.DeliverAsync(run, "another-secret")).Should().Be(Unauthorized);
        (await _fixture.DeliverAsync(other)).Should().Be(Accepted);

        await _fixture.WaitForReadAsync(other, readsOfOther);
        _fixture.ReadsOf(run).Should().Be(reads);
        (await _fixture.GetAsync(build)).Status.Should().Be(BuildStatus.Running);
        _fixture.Landings.Should().BeEmpty();
    }

    private async Task ShouldEndAsync(FakeRun run, string landing)
    {
        var count = _fixture.Landings.Count;
        (await _fixture.DeliverAsync(run)).Should().Be(Accepted);
        await _fixture.WaitForLandingAsync(count + 1);
        _fixture.Landings[^1].Should().Be(landing);
    }
}
