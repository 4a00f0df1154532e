namespace BuildRunner.Git.Tests.Running;

/// <summary>Clauses S1 and C2 of the contract, and the same for logs.</summary>
public sealed class UnknownBuildTests
{
    [TimedTheory]
    [InlineData("git-0")]
    [InlineData("..")]
    [InlineData("/")]
    [InlineData("../../etc/passwd")]
    [InlineData("git-0123456789abcdef0123456789abcde/")]
    [InlineData("git-0123456789abcdef0123456789abcdef/..")]
    [InlineData("git-0123456789abcdef0123456789abcdef\n")]
    [InlineData("git-0123456789ABCDEF0123456789ABCDEF")]
    [InlineData("git-0123456789abcdef\0123456789abcdef")]
    [InlineData("git-0123456789abcdef0123456789abcdef")]
    [InlineData("noop-1")]
    public async Task A_build_of_somebody_else_is_not_found(string id)
    {
        using var repository = await TestRepository.CreateAsync();
        await using var runner = new TestRunner(repository);
        await runner.BuildAsync();

        foreach (var call in CallsOf(runner.Runner, new BuildId(id)))
        {
            (await call.Should().ThrowExactlyAsync<BuildNotFoundException>()).Which.BuildId.Should().Be(new BuildId(id));
        }
    }

    [TimedFact]
    public async Task Nothing_is_known_before_the_first_trigger()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var runner = new TestRunner(repository);

        foreach (var call in CallsOf(runner.Runner, new BuildId("git-0")))
        {
            await call.Should().ThrowExactlyAsync<BuildNotFoundException>();
        }
    }

    [TimedFact]
    public async Task The_default_id_is_refused()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var runner = new TestRunner(repository);

        foreach (var call in CallsOf(runner.Runner, default))
        {
            await call.Should().ThrowAsync<ArgumentException>();
        }
    }

    private static Func<Task>[] CallsOf(GitBuildRunner runner, BuildId buildId) =>
        [() => runner.StatusAsync(buildId), () => runner.CancelAsync(buildId), () => runner.OpenLogAsync(buildId)];
}
