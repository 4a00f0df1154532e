namespace BuildRunner.Git.Tests.Running;

/// <summary>Clause T1 of the contract.</summary>
public sealed class ApplyTests : IAsyncLifetime
{
    // The second parent of each merge is what was applied.
    private static readonly string[] ShowApplied = ["git", "log", "--first-parent", "--reverse", "--format=%P", "main-tip.."];

    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task Base_and_then_head_are_applied_in_order()
    {
        var commits = await CommitSeveralAsync(4);
        await using var runner = new TestRunner(_repository, Showing(await _repository.TipAsync()));

        var build = await runner.BuildAsync([commits[2], commits[0]], [commits[3], commits[1]]);

        AppliedIn(build).Should().Equal(commits[2], commits[0], commits[3], commits[1]);
    }

    [TimedFact]
    public async Task The_uris_of_a_stacked_change_are_applied_in_order()
    {
        var commits = await CommitSeveralAsync(3);
        await using var runner = new TestRunner(_repository, Showing(await _repository.TipAsync()));
        Change stacked = new([UriOf(commits[1]), UriOf(commits[0]), UriOf(commits[2])]);

        var build = await runner.FinishAsync(await runner.Runner.TriggerAsync([], [stacked]));

        AppliedIn(build).Should().Equal(commits[1], commits[0], commits[2]);
    }

    [TimedFact]
    public async Task Without_changes_the_target_is_built()
    {
        await using var runner = new TestRunner(_repository);

        var build = await runner.BuildAsync([], []);

        build.Status.Should().Be(BuildStatus.Succeeded);
        build.Commit.Should().Be(await _repository.TipAsync());
    }

    [TimedFact]
    public async Task The_tree_of_target_base_and_head_together_is_what_is_validated()
    {
        var @base = await _repository.CommitAsync("base", ("base.txt", "base\n"));
        var head = await _repository.CommitAsync("head", ("head.txt", "head\n"), ("target.txt", "changed by head\n"));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["sh", "-c", "head *.txt"]);

        var build = await runner.BuildAsync([@base], [head]);

        build.Lines.Should().Equal("==> base.txt <==", "base", "==> head.txt <==", "head", "==> target.txt <==", "changed by head");
    }

    [TimedFact]
    public async Task A_change_brings_its_history_with_it()
    {
        await _repository.CommitAsync("head", ("first.txt", ""));
        var head = await _repository.CommitAsync("head", ("second.txt", ""));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["ls"]);

        var build = await runner.BuildAsync(head);

        build.Lines.Should().Equal("first.txt", "second.txt", "target.txt");
    }

    [TimedFact]
    public async Task A_change_that_the_target_has_already_changes_nothing()
    {
        var old = await _repository.TipAsync();
        await _repository.CommitAsync(TestRepository.Main, ("later.txt", ""));
        await using var runner = new TestRunner(_repository, static options => options.Command = ["ls"]);

        var build = await runner.BuildAsync(old);

        build.Lines.Should().Equal("later.txt", "target.txt");
        build.Commit.Should().Be(await _repository.TipAsync());
    }

    [TimedFact]
    public async Task A_change_that_comes_twice_is_applied_once()
    {
        var commits = await CommitSeveralAsync(2);
        await using var runner = new TestRunner(_repository, Showing(await _repository.TipAsync()));

        var build = await runner.BuildAsync([commits[0], commits[1]], [commits[0]]);

        AppliedIn(build).Should().Equal(commits[0], commits[1]);
    }

    [TimedFact]
    public async Task The_same_changes_on_the_same_target_give_the_same_commit()
    {
        var commits = await CommitSeveralAsync(2);
        await using var one = new TestRunner(_repository);
        await using var other = new TestRunner(_repository);

        var first = await one.BuildAsync([commits[0]], [commits[1]]);
        var second = await other.BuildAsync([commits[0]], [commits[1]]);

        first.Commit.Should().NotBeNull().And.Be(second.Commit).And.NotBe(commits[1]);
    }

    [TimedFact]
    public async Task Who_has_made_what_is_built_is_fixed()
    {
        var commits = await CommitSeveralAsync(1);
        await using var runner = new TestRunner(_repository, static options => options.Command = ["git", "log", "-1", "--format=%an %ae%n%cn %ce"]);

        var build = await runner.BuildAsync(commits[0]);

        build.Lines.Should().HaveCount(2).And.AllBe("BuildRunner buildrunner@localhost");
    }

    [TimedFact]
    public async Task The_target_is_what_it_was_when_the_build_was_triggered()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var before = await _repository.TipAsync();
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"read x < {gate.Path}"]);
        await runner.TriggerAsync();
        var queued = await runner.TriggerAsync();

        var after = await _repository.CommitAsync(TestRepository.Main, ("later.txt", ""));
        gate.Release();
        gate.Release();

        (await runner.FinishAsync(queued)).Commit.Should().Be(before).And.NotBe(after);
    }

    [TimedFact]
    public async Task Each_trigger_reads_the_target_anew()
    {
        await using var runner = new TestRunner(_repository);
        await runner.BuildAsync();
        var moved = await _repository.CommitAsync(TestRepository.Main, ("later.txt", ""));

        var build = await runner.BuildAsync();

        build.Commit.Should().Be(moved);
    }

    [TimedTheory]
    [InlineData("release/1.x")]
    [InlineData("refs/heads/release/1.x")]
    [InlineData("refs/tags/v1")]
    [InlineData(null)]
    public async Task The_target_is_a_branch_or_a_reference_or_a_commit(string? target)
    {
        var commit = await _repository.CommitAsync("release/1.x", ("release.txt", ""));
        await _repository.GitAsync("tag", "--annotate", "--message", "v1", "v1");
        await using var runner = new TestRunner(_repository, options => options.TargetBranch = target ?? commit);

        var build = await runner.BuildAsync();

        build.Commit.Should().Be(commit);
    }

    private static Action<GitBuildRunnerOptions> Showing(string target) =>
        options => options.Command = [.. ShowApplied.Select(argument => argument.Replace("main-tip", target, StringComparison.Ordinal))];

    private static string UriOf(string commitId) => TestRunner.ChangeOf(commitId).Uris[0];

    private static IEnumerable<string> AppliedIn(FinishedBuild build) => build.Lines.Select(static line => line.Split(' ')[1]);

    private async Task<List<string>> CommitSeveralAsync(int count)
    {
        List<string> commits = [];
        for (var number = 0; number < count; number++)
        {
            commits.Add(await _repository.CommitAsync($"change-{number}", ($"{number}.txt", $"{number}\n")));
        }

        return commits;
    }
}
