namespace BuildRunner.Samples.Tests;

/// <summary>The quick tests: each sample does its job, and rejects bad input.</summary>
public sealed class QuickTests : MergeQueueFixture
{
    public static TheoryData<string[]> Mistakes => new(
        ["--no-such-option", "x"],
        ["--hed", "main", "touch", "@/ran"],
        ["--hed", "main", "--", "touch", "@/ran"],
        ["--head", "main", "touch", "@/ran"],
        ["--head", "--", "touch", "@/ran"],
        ["--timeout", "soon", "--", "touch", "@/ran"],
        ["--runner", "teamcity", "--", "touch", "@/ran"],
        ["--runner", "buildbot"],
        ["--runner", "buildbot", "--url", "nowhere"],
        ["--runner", "buildbot", "--url", "http://ci.test/", "--", "touch", "@/ran"],
        ["--url", "http://ci.test/", "--", "touch", "@/ran"],
        ["--runner", "github"],
        ["--runner", "github", "--github", "shop"],
        ["--github", "acme/shop", "--", "touch", "@/ran"],
        ["--runner", "buildkite"],
        ["--runner", "jenkins"],
        ["--runner", "gitlab"],
        ["--pipeline", "acme/verify", "--", "touch", "@/ran"]);

    [TimedFact]
    public async Task The_merge_queue_lands_a_branch_that_is_green()
    {
        await CommitAsync("one", "one.txt");

        var result = await RunAsync(["one"], "test -e one.txt -a -e target.txt");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one");
        result.States["one"].Should().Be("landed");
    }

    [TimedFact]
    public async Task The_quick_start_shows_a_head_that_passes_with_the_commit_that_was_built()
    {
        await Repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(Repository, "--", "sh", "-c", "test -e head.txt -a -e target.txt");

        result.ExitCode.Should().Be(0, result.Error);
        result.Snapshot.Should().ContainKey("Succeeded");
        result.Snapshot["commit"].Should().MatchRegex("^[0-9a-f]{40}$");
        result.Snapshot["duration_ms"].Should().MatchRegex("^[0-9]+$");
    }

    [TimedTheory]
    [MemberData(nameof(Mistakes))]
    public async Task The_quick_start_refuses_a_mistake_and_runs_nothing(string[] arguments)
    {
        var result = await QuickStartProgram.RunAsync(Repository, [.. arguments.Select(argument => argument.Replace("@/", Repository[""], StringComparison.Ordinal))]);

        result.ExitCode.Should().Be(2, result.Output);
        result.Error.Should().NotBeEmpty().And.NotContain("   at ");
        File.Exists(Repository["ran"]).Should().BeFalse();
        Directory.Exists(Repository["state"]).Should().BeFalse();
    }

    /// <summary>The message on other systems, where it does not run.</summary>
    [Fact]
    public void Where_the_git_runner_does_not_run_the_quick_start_says_why()
    {
        var elsewhere = global::QuickStart.Platform.WhyNot(isLinux: false);
        var here = global::QuickStart.Platform.WhyNot(isLinux: true);

        elsewhere.Should().Contain("Linux").And.NotContain("\n");
        here.Should().BeNull();
    }
}
