using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Tests.Running;

/// <summary>A tree that no machine can check out is the fault of the side that brought it.</summary>
[Slow]
public sealed class UnusableTreeTests : IAsyncLifetime
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

    [TimedTheory]
    [InlineData("100644", "$(printf a%.0s $(seq 300))")]
    [InlineData("100644", ".git")]
    [InlineData("040000", ".git")]
    [InlineData("040000", ".GIT")]
    [InlineData("040000", "GIT~1")]
    [InlineData("040000", ".git ")]
    [InlineData("040000", ".git::\\$INDEX_ALLOCATION")]
    [InlineData("040000", "..")]
    [InlineData("100644", ".git\\\\config")]
    [InlineData("120000", ".gitmodules")]
    [InlineData("120000", "link-to-nowhere", "")]
    [InlineData("120000", "link-too-long", "$(printf a%.0s $(seq 5000))")]
    public async Task A_head_that_nobody_can_check_out_is_rejected(string mode, string name, string content = "x")
    {
        var head = await CommitAsync(mode, name, content);

        var build = await _runner.BuildAsync(head);

        ShouldBeRejected(build, BuildFailedSides.Head);
    }

    [TimedFact]
    public async Task A_base_that_nobody_can_check_out_is_rejected_on_the_side_of_base()
    {
        var @base = await CommitAsync("040000", "GIT~1");
        var head = await _repository.CommitAsync("head", ("head.txt", ""));

        var build = await _runner.BuildAsync([@base], [head]);

        ShouldBeRejected(build, BuildFailedSides.Base);
    }

    [TimedFact]
    public async Task A_head_whose_tree_is_missing_is_not_taken_for_an_empty_one()
    {
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        var tree = await _repository.TipAsync("head^{tree}");
        File.Delete(Path.Combine(_repository.Path, ".git", "objects", tree[..2], tree[2..]));

        var build = await _runner.BuildAsync(head);

        (build.Status, build.FailureKind).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
    }

    [TimedFact]
    public async Task Attributes_in_a_directory_that_nobody_can_check_out_are_no_failure_of_the_machine()
    {
        var @base = await CommitAsync("040000", "$(printf a%.0s $(seq 300))", file: ".gitattributes");
        var head = await _repository.CommitAsync("head", ("head.txt", ""));

        var build = await _runner.BuildAsync([@base], [head]);

        ShouldBeRejected(build, BuildFailedSides.Base);
    }

    [TimedFact]
    public async Task A_target_that_nobody_can_check_out_is_the_fault_of_neither_side()
    {
        await _repository.GitAsync("update-ref", "refs/heads/broken", await CommitAsync("040000", "GIT~1"));
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await using var runner = new TestRunner(_repository, static options => options.TargetBranch = "broken");

        var build = await runner.BuildAsync(head);

        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        build.FailedSide.Should().BeNull();
    }

    [TimedTheory]
    [InlineData("040000", "back\\\\slash")]
    [InlineData("040000", ".gi\u200Ct")]
    [InlineData("100644", "$(printf a%.0s $(seq 255))")]
    [InlineData("100644", ".gitmodules")]
    [InlineData("120000", "link", "$(printf a%.0s $(seq 1000))")]
    public async Task What_can_be_checked_out_here_is_built(string mode, string name, string content = "x")
    {
        var head = await CommitAsync(mode, name, content);

        var build = await _runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
    }

    [TimedFact]
    public async Task A_tree_that_git_could_not_look_at_is_not_one_that_nobody_can_check_out()
    {
        GitCommand git = new(_repository.Path, _repository.Path);
        var missing = _repository["missing/index"];

        bool? allowed = await CheckOutRules.AllowAsync(git, TestRepository.Main, missing, TestContext.Current.CancellationToken);

        allowed.Should().BeNull();
    }

    private static void ShouldBeRejected(FinishedBuild build, string side)
    {
        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(BuildFailureKinds.Rejected, build.Log);
        build.FailedSide.Should().Be(side);
    }

    // By hand, because git would not add such names.
    private Task<string> CommitAsync(string mode, string name, string content = "x", string file = "config") => _repository.ShellAsync(
        $$"""
        object=$(printf %s "{{content}}" | git hash-object -w --stdin)
        type=blob
        if [ {{mode}} = 040000 ]; then object=$(printf '100644 blob %s\t%s\n' $object {{file}} | git mktree); type=tree; fi
        tree=$( (git ls-tree -z main; printf '%s %s %s\t%s\0' {{mode}} $type $object "{{name}}") | git mktree -z)
        git commit-tree $tree -p main -m unusable
        """);
}
