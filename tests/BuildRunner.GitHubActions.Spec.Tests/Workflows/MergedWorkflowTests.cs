namespace BuildRunner.GitHubActions.Spec.Tests.Workflows;

/// <summary>Runs what <c>build.yml</c> says, on a repository.</summary>
public sealed class MergedWorkflowTests
{
    [Fact]
    public async Task What_was_dispatched_is_verified_and_no_later_commit_of_its_branch()
    {
        using var git = await TestRepository.CreateAsync();
        var dispatched = await git.CommitAsync("build/br-0f3a", ("head.txt", "head\n"));
        await git.CommitAsync("build/br-0f3a", ("later.txt", "later\n"));

        using var run = await WorkflowRun.StartAsync(WorkflowFile.Merged, git, dispatched, ("build_key", "br-0f3a"));

        run.Succeeded.Should().BeTrue(run.Output);
        run.VerifiedTree.Should().Be(await git.TipAsync(dispatched + "^{tree}"));
    }

    [Theory]
    [MemberData(nameof(DocumentWorkflowAttackTests.Injections), MemberType = typeof(DocumentWorkflowAttackTests))]
    public async Task A_key_is_data(string key)
    {
        using var git = await TestRepository.CreateAsync();

        using var run = await WorkflowRun.StartAsync(WorkflowFile.Merged, git, await git.TipAsync(), ("build_key", key));

        run.Succeeded.Should().BeTrue(run.Output);
        run.Injected.Should().BeEmpty();
    }
}
