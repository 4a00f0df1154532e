namespace BuildRunner.Git.Tests.Repository;

/// <summary>The kinds of repositories that a runner can use.</summary>
[Slow]
public sealed class RepositoryKindTests
{
    [TimedTheory]
    [InlineData("nowhere")]
    [InlineData("empty")]
    [InlineData("file")]
    [InlineData("broken")]
    public async Task What_is_not_a_repository_is_refused(string path)
    {
        using var repository = await TestRepository.CreateAsync();
        Directory.CreateDirectory(repository["empty"]);
        Directory.CreateDirectory(repository["broken/.git"]);
        File.WriteAllText(repository["file"], "");
        await using var runner = new TestRunner(repository, options => options.Repository = repository[path]);

        var trigger = () => runner.TriggerAsync();

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.IsTransient.Should().BeFalse();
    }

    [TimedFact]
    public async Task A_directory_in_the_work_tree_stands_for_the_repository()
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));

        await ShouldBuildAsync(repository, Path.Combine(repository.Path, "dir"), head);
    }

    [TimedFact]
    public async Task The_directory_of_git_itself_will_do()
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));

        await ShouldBuildAsync(repository, Path.Combine(repository.Path, ".git"), head);
    }

    [TimedFact]
    public async Task A_linked_work_tree_will_do()
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.GitAsync("worktree", "add", "--quiet", "--detach", repository["linked"]);

        await ShouldBuildAsync(repository, repository["linked"], head);
    }

    [TimedTheory]
    [InlineData("bare.git")]
    [InlineData("bäre with \"blanks\" #1.git")]
    public async Task A_bare_repository_will_do(string name)
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.GitAsync("clone", "--quiet", "--bare", repository.Path, repository[name]);

        await ShouldBuildAsync(repository, repository[name], head);
    }

    [TimedFact]
    public async Task A_clone_that_borrows_objects_itself_will_do()
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.GitAsync("clone", "--quiet", "--shared", "--bare", repository.Path, repository["shared.git"]);

        await ShouldBuildAsync(repository, repository["shared.git"], head);
    }

    [TimedFact]
    public async Task A_packed_repository_will_do()
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.GitAsync("gc", "--quiet");

        await ShouldBuildAsync(repository, repository.Path, head);
    }

    [TimedFact]
    public async Task A_shallow_clone_will_do_where_it_has_what_is_needed()
    {
        using var repository = await TestRepository.CreateAsync();
        await repository.CommitAsync(TestRepository.Main, ("second.txt", ""));
        var main = await repository.CommitAsync(TestRepository.Main, ("third.txt", ""));
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.GitAsync("clone", "--quiet", "--bare", "--depth=2", "--no-single-branch", "file://" + repository.Path, repository["shallow.git"]);
        await using var runner = new TestRunner(repository, options =>
        {
            options.Repository = repository["shallow.git"];
            options.Command = ["git", "rev-list", "--first-parent", "HEAD"];
        });

        var build = await runner.BuildAsync(head);

        build.Lines.Should().HaveCount(3).And.StartWith([build.Commit!, main]);
    }

    [TimedFact]
    public async Task A_repository_with_the_longer_object_format_will_do()
    {
        using var repository = await TestRepository.CreateAsync("--object-format=sha256");
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));

        var build = await ShouldBuildAsync(repository, repository.Path, head);

        head.Should().HaveLength(64);
        build.Commit.Should().HaveLength(64);
    }

    [TimedFact]
    public async Task A_repository_of_another_user_will_do()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess || Environment.GetEnvironmentVariable("CI") == "true", "Only root can give a repository away.");
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.ShellAsync("chown -R nobody .");

        await ShouldBuildAsync(repository, repository.Path, head);
    }

    [TimedFact]
    public async Task What_the_user_commits_meanwhile_is_seen()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var runner = new TestRunner(repository, static options => options.Command = ["ls", "dir"]);
        await runner.BuildAsync();
        var head = await repository.CommitAsync("head", ("dir/head.txt", ""));
        await repository.GitAsync("gc", "--quiet", "--prune=now");

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal("head.txt");
    }

    private static async Task<FinishedBuild> ShouldBuildAsync(TestRepository repository, string path, string head)
    {
        await using var runner = new TestRunner(repository, options =>
        {
            options.Repository = path;
            options.Command = ["sh", "-c", "git status --porcelain; git log -1 --format=%s; ls *"];
        });

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal($"Apply {head}", "target.txt", "dir:", "head.txt");
        return build;
    }
}
