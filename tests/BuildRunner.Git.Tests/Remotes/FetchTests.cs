using CliWrap;
using CliWrap.Buffered;

namespace BuildRunner.Git.Tests.Remotes;

[Slow]
public sealed class FetchTests : IAsyncLifetime
{
    private RemoteFixture _remote = null!;

    public async ValueTask InitializeAsync() => _remote = await RemoteFixture.CreateAsync();

    public ValueTask DisposeAsync() => _remote.DisposeAsync();

    [TimedFact]
    public async Task Target_and_changes_that_the_repository_lacks_come_from_the_remote()
    {
        var @base = await _remote.Origin.CommitAsync("base", ("base.txt", ""));
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await _remote.Origin.CommitAsync(TestRepository.Main, ("later.txt", ""));
        await using var runner = _remote.CreateRunner();

        var build = await runner.BuildAsync([@base], [head]);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        build.Lines.Should().EndWith(["base.txt", "head.txt", "later.txt", "target.txt"]);
    }

    [TimedFact]
    public async Task Many_triggers_at_once_ask_the_remote_together()
    {
        await using var runner = _remote.CreateRunner();
        TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource allTriggered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _remote.Server.Answer = async (_, cancellationToken) =>
        {
            first.TrySetResult();
            await allTriggered.Task.WaitAsync(cancellationToken);
            return null;
        };

        var one = runner.TriggerAsync();
        await first.Task;
        var others = Enumerable.Range(0, 20).Select(_ => runner.TriggerAsync()).ToArray();
        allTriggered.SetResult();
        BuildId[] ids = [await one, .. await Task.WhenAll(others)];

        ids.Should().OnlyHaveUniqueItems();
        _remote.Server.Requests.Count(static request => request.Method == "GET").Should().Be(2);
    }

    [TimedTheory]
    [InlineData("")]
    [InlineData("file://")]
    public async Task The_remote_can_be_a_directory(string prefix)
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await using var runner = _remote.CreateRunner(options => options.Remote = prefix + _remote.Origin.Path);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().EndWith(["head.txt", "target.txt"]);
    }

    [TimedFact]
    public async Task The_target_is_what_it_was_at_the_remote_when_the_build_was_triggered()
    {
        using var gate = await Fifo.CreateAsync(_remote.Clone["gate"]);
        var before = await _remote.Origin.CommitAsync(TestRepository.Main, ("later.txt", ""));
        await using var runner = _remote.CreateRunner(options => options.Command = ["sh", "-c", $"read x < {gate.Path}"]);
        await runner.TriggerAsync();
        var queued = await runner.TriggerAsync();

        await _remote.Origin.CommitAsync(TestRepository.Main, ("latest.txt", ""));
        gate.Release();
        gate.Release();

        (await runner.FinishAsync(queued)).Commit.Should().Be(before);
    }

    [TimedTheory]
    [InlineData("release/1.x")]
    [InlineData("refs/heads/release/1.x")]
    [InlineData("refs/tags/light")]
    [InlineData("refs/tags/v1")]
    [InlineData(null)]
    public async Task The_target_is_a_branch_or_a_reference_or_a_commit_of_the_remote(string? target)
    {
        var commit = await _remote.Origin.CommitAsync("release/1.x", ("release.txt", ""));
        await _remote.Origin.GitAsync("tag", "light");
        await _remote.Origin.GitAsync("tag", "--annotate", "--message", "v1", "v1");
        await _remote.Origin.CommitAsync("other/refs/heads/release/1.x", ("other.txt", ""));
        await using var runner = _remote.CreateRunner(options => options.TargetBranch = target ?? commit);

        var build = await runner.BuildAsync();

        build.Commit.Should().Be(commit);
    }

    [TimedFact]
    public async Task A_target_that_the_remote_does_not_have_is_rejected_although_the_repository_has_it()
    {
        await _remote.Clone.CommitAsync("mine", ("mine.txt", ""));
        await using var runner = _remote.CreateRunner(static options => options.TargetBranch = "mine");

        var trigger = () => runner.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
    }

    [TimedFact]
    public async Task What_is_there_is_not_fetched()
    {
        var known = await _remote.Clone.CommitAsync("mine", ("mine.txt", ""));
        await using var runner = _remote.CreateRunner();

        var build = await runner.BuildAsync(known);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        _remote.Server.Requests.Count(IsBeginning).Should().Be(1, "the trigger has asked for the tip of the target");
    }

    [TimedFact]
    public async Task What_was_fetched_is_not_fetched_again()
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await using var runner = _remote.CreateRunner();
        await runner.BuildAsync(head);
        var before = _remote.Server.Requests.Count(IsBeginning);

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        before.Should().Be(2, "the trigger has asked for the tip of the target, and the build has fetched");
        _remote.Server.Requests.Count(IsBeginning).Should().Be(3, "the second build has not fetched");
    }

    [TimedFact]
    public async Task A_commit_of_which_a_part_is_missing_is_fetched_anew()
    {
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", "of head\n"));
        var commit = Path.Combine(".git", "objects", head[..2], head[2..]);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_remote.Clone.Path, commit))!);
        File.Copy(Path.Combine(_remote.Origin.Path, commit), Path.Combine(_remote.Clone.Path, commit));
        await using var runner = _remote.CreateRunner(static options => options.Command = ["cat", "head.txt"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().EndWith("of head");
    }

    [TimedFact]
    public async Task Concurrent_builds_do_not_disturb_each_other()
    {
        List<string> heads = [];
        for (var number = 0; number < 6; number++)
        {
            heads.Add(await _remote.Origin.CommitAsync($"head-{number}", ($"{number}.txt", "")));
        }

        await using var runner = _remote.CreateRunner(static options => options.Concurrency = 6);

        var builds = await Task.WhenAll(heads.Select(head => runner.BuildAsync([heads[0]], [head])));

        builds.Should().OnlyContain(static build => build.Status == BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task What_was_fetched_is_held_for_the_build_until_it_is_forgotten()
    {
        RecordingTimeProvider clock = new();
        var head = await _remote.Origin.CommitAsync("head", ("target.txt", "of head\n"));
        await _remote.Origin.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        await using var runner = _remote.CreateRunner(static options => options.Retention = TimeSpan.FromDays(1), clock);
        var build = await runner.BuildAsync(head);
        var held = await FindHeldAsync(runner);

        clock.Advance(TimeSpan.FromDays(2));
        await _remote.Clone.GitAsync("pull", "--quiet");
        await runner.BuildAsync();

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict);
        held.Should().Contain($"refs/buildrunner/fetched/{build.Id}/{head}");
        (await FindHeldAsync(runner)).Should().NotContain("/fetched/");
    }

    [TimedFact]
    public async Task A_clone_that_is_not_complete_can_be_built_on()
    {
        await _remote.Origin.CommitAsync(TestRepository.Main, ("second.txt", ""));
        using var shallow = await TestRepository.CloneAsync(_remote.Origin, "--depth=1");
        var head = await _remote.Origin.CommitAsync("head", ("head.txt", ""));
        await using var runner = new TestRunner(shallow, options =>
        {
            options.Remote = _remote.Server.Address;
            options.Command = ["ls"];
        });

        var build = await runner.BuildAsync(head);

        build.Lines.Should().EndWith(["head.txt", "second.txt", "target.txt"]);
    }

    // With which each run of git begins.
    private static bool IsBeginning(ServedRequest request) => request.Method == "GET";

    private static async Task<string> FindHeldAsync(TestRunner runner)
    {
        var result = await Cli.Wrap("git")
            .WithArguments(["--git-dir=" + Path.Combine(runner.StateDirectory, "repository.git"), "for-each-ref"])
            .WithEnvironmentVariables(TestRepository.CleanEnvironment())
            .ExecuteBufferedAsync();
        return result.StandardOutput;
    }
}
