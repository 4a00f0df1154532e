namespace BuildRunner.Git.Tests.Repository;

/// <summary>If a file is in the way, git makes up a name for it. No conflict path may have that name.</summary>
[Slow]
public sealed class ConflictPathTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private TestRunner _runner = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _runner = new TestRunner(_repository);
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        _repository.Dispose();
    }

    [TimedFact]
    public async Task A_file_of_the_head_where_the_target_has_a_directory()
    {
        var head = await _repository.CommitAsync("head", ("p", "of head\n"));
        await _repository.CommitAsync(TestRepository.Main, ("p/in", "of main\n"));

        await ShouldConflictAsync(head, "p");
    }

    [TimedFact]
    public async Task A_file_of_the_target_where_the_head_has_a_directory()
    {
        var head = await _repository.CommitAsync("head", ("dir/p/in", "of head\n"));
        await _repository.CommitAsync(TestRepository.Main, ("dir/p", "of main\n"));

        await ShouldConflictAsync(head, "dir/p");
    }

    [TimedFact]
    public async Task A_file_on_one_side_and_a_link_on_the_other()
    {
        var head = await _repository.CommitScriptAsync("head", "ln -s target.txt p");
        await _repository.CommitAsync(TestRepository.Main, ("p", "of main\n"));

        await ShouldConflictAsync(head, "p");
    }

    [TimedTheory]
    [InlineData("p~{0}")]
    [InlineData("p~{0}^{{commit}}")]
    public async Task A_file_whose_name_is_that_which_git_would_make_up(string format)
    {
        var main = await _repository.CommitAsync(TestRepository.Main, ("p", "of main\n"));
        await _repository.GitAsync("checkout", "--quiet", "-b", "head", "HEAD~1");
        var head = await _repository.CommitAsync("head", ("p/in", "of head\n"), (string.Format(null, format, main), "of head\n"));

        await ShouldConflictAsync(head, "p");
    }

    [TimedFact]
    public async Task A_file_whose_name_only_looks_like_that()
    {
        var head = await _repository.CommitAsync("head", ("p~HEAD", "of head\n"));
        await _repository.CommitAsync(TestRepository.Main, ("p~HEAD", "of main\n"));

        await ShouldConflictAsync(head, "p~HEAD");
    }

    // Two ends of a history that has crossed: what they have in common is itself a conflict of a file and a directory, which each has settled in its own way.
    [TimedFact]
    public async Task A_file_in_what_git_has_merged_first()
    {
        const string Text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        var left = await _repository.CommitAsync("left", ("p", Text));
        var right = await _repository.CommitAsync("right", ("p/in", "of right\n"));
        await CrossAsync(TestRepository.Main, "q", left, right);
        var head = await CrossAsync("head", "r", left, right);

        var build = await _runner.BuildAsync(head);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict, build.Log);
        build.ConflictPaths!.Split('\n').Should().OnlyContain(static path => path == "p" || path == "q" || path == "r");

        async Task<string> CrossAsync(string branch, string name, params string[] parents)
        {
            var tree = await _repository.ShellAsync(
                $"""
                p=$(git rev-parse {left}:p)
                ( git ls-tree {right}; printf '100644 blob %s\t%s\n' $p {name} ) | git mktree
                """);
            var commit = await _repository.GitAsync("commit-tree", tree, "-p", parents[0], "-p", parents[1], "-m", branch);
            await _repository.GitAsync("update-ref", $"refs/heads/{branch}", commit);
            return commit;
        }
    }

    private async Task ShouldConflictAsync(string head, string paths)
    {
        var build = await _runner.BuildAsync(head);

        build.FailureKind.Should().Be(BuildFailureKinds.Conflict, build.Log);
        build.ConflictPaths.Should().Be(paths);
        build.Log.Should().Contain(paths);
    }
}
