namespace BuildRunner.Samples.Tests;

/// <summary>The command line of the merge queue. Mistakes are rejected before anything is done.</summary>
public sealed class MergeQueueCommandTests : MergeQueueFixture
{
    public static TheoryData<string[]> Mistakes => new(
        ["--brnch", "one", "--branch", "one", "--", "touch", "@/ran"],
        ["--branch", "one", "--attemts", "3", "--", "touch", "@/ran"],
        ["--branch", "one", "touch", "@/ran"],
        ["--branch", "one", "touch", "--", "touch", "@/ran"],
        ["--branch", "one", "--attempts", "x", "--", "touch", "@/ran"],
        ["--branch", "one", "--attempts", "0", "--", "touch", "@/ran"],
        ["--branch", "one", "--"],
        ["--branch", "one"],
        ["--", "touch", "@/ran"],
        ["--branch", "--", "touch", "@/ran"],
        ["--branch", "one", "--batch", "0", "--", "touch", "@/ran"],
        ["--branch", "one", "--buildbot", "nowhere"],
        ["--branch", "one", "--buildbot", "http://ci.test/", "--", "touch", "@/ran"],
        ["--branch", "one", "--target", "no-such-branch", "--", "touch", "@/ran"],
        [.. Enumerable.Range(0, 501).SelectMany(static number => new[] { "--branch", $"b{number}" }), "--", "touch", "@/ran"]);

    [TimedTheory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_refused_and_runs_nothing(string[] arguments)
    {
        await CommitAsync("one", "one.txt");
        await Repository.GitAsync("switch", "--quiet", "--detach");

        var result = await StartAsync(["--state", Repository["state"], .. arguments]);

        result.ExitCode.Should().Be(Rejected, result.Output);
        result.Error.Should().NotBeEmpty().And.NotContain("   at ");
        File.Exists(Repository["ran"]).Should().BeFalse();
    }

    [TimedFact]
    public async Task Without_a_state_directory_it_is_refused()
    {
        var result = await StartAsync(["--branch", "one", "--", "true"]);

        result.ExitCode.Should().Be(Rejected, result.Output);
        result.Error.Should().Contain("--state");
    }

    [TimedFact]
    public async Task Help_is_no_mistake()
    {
        var result = await StartAsync(["--help"]);

        result.ExitCode.Should().Be(0, result.Error);
        result.Output.Should().Contain("--branch").And.Contain("--state");
    }

    [TimedFact]
    public async Task A_state_directory_in_the_repository_is_refused()
    {
        await CommitAsync("one", "one.txt");
        await Repository.GitAsync("switch", "--quiet", "--detach");
        var state = Path.Combine(Repository.Path, "state");

        var result = await StartAsync(["--state", state, "--branch", "one", "--", "true"]);

        result.ExitCode.Should().Be(Rejected, result.Output);
        result.Error.Trim().Should().Contain(state).And.NotContain("   at ");
    }

    [Slow]
    [TimedTheory]
    [InlineData("a;b")]
    [InlineData("a'b\" c=d")]
    public async Task A_state_directory_may_have_any_name(string name)
    {
        await CommitAsync("one", "one.txt");

        var result = await RunAsync(["one"], "true", name);

        result.ExitCode.Should().Be(AllLanded, result.Error);
        File.Exists(Path.Combine(Repository[name], "builds.db")).Should().BeTrue();
    }

    private Task<SampleProgram.Result> StartAsync(string[] arguments) =>
        SampleProgram.Start("MergeQueue.dll", ["--repo", Repository.Path, .. arguments.Select(argument => argument.Replace("@/", Repository[""], StringComparison.Ordinal))]).Ended;
}
