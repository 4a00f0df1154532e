namespace BuildRunner.Samples.Tests;

/// <summary>Branches that cannot land, or seem as if they could not: none of them keeps others from landing.</summary>
[Slow]
public sealed class MergeQueueBranchTests : MergeQueueFixture
{
    [TimedFact]
    public async Task A_branch_without_a_common_history_is_rejected_and_the_others_land()
    {
        await Repository.ShellAsync("git checkout --quiet --orphan unrelated; git rm --quiet --force --cached -r .; echo x > unrelated.txt; git add unrelated.txt; git commit --quiet -m unrelated; git clean -fdq");
        await CommitAsync("two", "two.txt");

        var result = await RunAsync(["unrelated", "two"], "true");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.States["unrelated"].Should().Be("rejected");
        result.ReasonOf("unrelated").Should().Contain("conflict");
        (await LandedAsync()).Should().Equal("two");
    }

    [TimedFact]
    public async Task A_branch_with_a_date_before_1970_lands()
    {
        const string date = "-86400";
        await CommitAsync("one", "one.txt");
        await Repository.ShellAsync($"git update-ref refs/heads/one $(git cat-file commit one | sed -E 's/^(author|committer) (.*>).*/\\1 \\2 {date} +0000/' | git hash-object -t commit -w --stdin --literally)");
        await CommitAsync("two", "two.txt");

        var result = await RunAsync(["one", "two"], "true");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one", "two");
    }

    [TimedFact]
    public async Task A_branch_that_git_cannot_merge_is_left_undecided_and_the_others_land()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        var tree = await Repository.TipAsync("one^{tree}");
        File.Delete(Path.Combine(Repository.Path, ".git", "objects", tree[..2], tree[2..]));

        var result = await RunAsync(["one", "two"], "true");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.States["one"].Should().Be("undecided");
        result.ReasonOf("one").Should().NotBeEmpty();
        (await LandedAsync()).Should().Equal("two");
    }

    [TimedFact]
    public async Task A_branch_that_has_landed_and_was_deleted_since_is_told_to_have_landed()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        (await RunAsync(["one"], "true")).ExitCode.Should().Be(AllLanded);
        await Repository.GitAsync("branch", "--quiet", "-D", "one");

        var result = await RunAsync(["one", "two"], "true");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one", "two");
        result.States["one"].Should().Be("landed");
    }

    [TimedFact]
    public async Task A_branch_that_was_deleted_before_it_has_landed_is_told_to_be_gone()
    {
        await CommitAsync("one", "one.txt");
        await CommitAsync("two", "two.txt");
        (await RunAsync(["one"], "false")).ExitCode.Should().Be(SomeLeft);
        await Repository.GitAsync("branch", "--quiet", "-D", "one");

        var result = await RunAsync(["one", "two"], "true");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal("two");
        result.States["one"].Should().Be("gone");
    }

    [TimedFact]
    public async Task A_branch_that_there_never_was_is_gone_and_the_others_land()
    {
        await CommitAsync("one", "one.txt");

        var result = await RunAsync(["no-such-branch", "o*", "one^0", "one"], "true");

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        result.States.Should().Contain("no-such-branch", "gone").And.Contain("o*", "gone").And.Contain("one^0", "gone").And.Contain("one", "landed");
        (await LandedAsync()).Should().Equal("one");
    }
}
