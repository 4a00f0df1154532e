namespace BuildRunner.Git.Tests.Registration;

[Slow]
public sealed class StateDirectoryTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData("repository")]
    [InlineData("repository/state")]
    [InlineData("repository/a/b/state")]
    [InlineData("repository/.git/state")]
    [InlineData("worktree/state")]
    public async Task One_inside_a_work_tree_is_refused(string path)
    {
        await _repository.GitAsync("worktree", "add", "--quiet", "--detach", _repository["worktree"]);
        await using var runner = CreateRunner(path);

        var trigger = () => runner.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
        Directory.Exists(_repository["repository/state"]).Should().BeFalse();
    }

    [TimedFact]
    public async Task One_with_the_files_of_somebody_else_is_refused_and_keeps_them()
    {
        var kept = Path.Combine(Directory.CreateDirectory(_repository["taken/logs"]).FullName, "kept");
        await File.WriteAllTextAsync(kept, "mine");
        await using var runner = CreateRunner("taken");

        var trigger = () => runner.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
        File.ReadAllText(kept).Should().Be("mine");
    }

    [TimedFact]
    public async Task That_of_another_repository_is_refused_and_that_of_another_work_tree_is_not()
    {
        using var other = await TestRepository.CreateAsync();
        await _repository.GitAsync("worktree", "add", "--quiet", "--detach", _repository["worktree"]);
        await using (var first = CreateRunner("state"))
        {
            await first.BuildAsync();
        }

        await using TestRunner second = new(other, options => options.StateDirectory = _repository["state"]);
        await using TestRunner third = new(_repository, options =>
        {
            options.Repository = _repository["worktree"];
            options.StateDirectory = _repository["state"];
        });
        var trigger = () => second.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).WithMessage($"*{_repository.Path}*{other.Path}*");
        (await third.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedTheory]
    [InlineData("link")]
    [InlineData("link/state")]
    [InlineData("chain/a/b")]
    [InlineData("elsewhere/relative/state")]
    public async Task One_behind_a_link_into_a_work_tree_is_refused(string path)
    {
        await _repository.ShellAsync("mkdir sub; ln -s repository/sub ../link; ln -s link ../chain; mkdir -p ../deep/er; ln -s ../../repository/sub ../deep/er/relative; ln -s deep/er ../elsewhere");
        await using var runner = CreateRunner(path);

        var trigger = () => runner.TriggerAsync();

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        Directory.EnumerateFileSystemEntries(_repository["repository/sub"]).Should().BeEmpty();
    }

    [TimedFact]
    public async Task One_behind_a_link_to_anywhere_else_is_as_good_as_any()
    {
        await _repository.ShellAsync("mkdir ../real; ln -s real ../link");
        await using var runner = CreateRunner("link/state");

        (await runner.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task One_that_another_runner_uses_can_be_shared()
    {
        await using var first = CreateRunner("state");
        await using var second = CreateRunner("state");

        var builds = await Task.WhenAll(first.BuildAsync(), second.BuildAsync());

        builds.Should().OnlyContain(static build => build.Status == BuildStatus.Succeeded);
        (await second.Runner.StatusAsync(builds[0].Id)).Should().Be(builds[0].Snapshot);
        (await first.Runner.StatusAsync(builds[1].Id)).Should().Be(builds[1].Snapshot);
    }

    [TimedFact]
    public async Task What_an_earlier_runner_has_built_is_kept()
    {
        FinishedBuild old;
        await using (var first = CreateRunner("state"))
        {
            old = await first.BuildAsync();
        }

        await using var second = CreateRunner("state");
        var before = await second.FinishAsync(old.Id);
        await second.BuildAsync();

        before.Should().Be(old);
        (await second.FinishAsync(old.Id)).Should().Be(old);
    }

    [TimedFact]
    public async Task One_that_cannot_be_made_is_a_failed_call()
    {
        File.WriteAllText(_repository["file"], "");
        await using var runner = CreateRunner("file/state");

        var trigger = () => runner.TriggerAsync();

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [TimedFact]
    public async Task A_failed_call_can_be_repeated_when_the_reason_is_gone()
    {
        File.WriteAllText(_repository["file"], "");
        await using var runner = CreateRunner("file/state");
        var trigger = () => runner.TriggerAsync();
        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();

        File.Delete(_repository["file"]);

        (await runner.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task One_with_blanks_and_letters_of_any_kind_is_as_good_as_any()
    {
        await using var runner = CreateRunner("state of 'mine' \"ü\" #1");

        (await runner.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);
    }

    private TestRunner CreateRunner(string path) => new(_repository, options =>
    {
        options.Command = ["git", "status"];
        options.StateDirectory = _repository[path];
    });
}
