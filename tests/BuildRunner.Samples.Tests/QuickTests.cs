namespace BuildRunner.Samples.Tests;

/// <summary>What is fast enough to be tested each time: that each sample does what it is there for.</summary>
public sealed class QuickTests : MergeQueueFixture
{
    [TimedFact]
    public async Task The_merge_queue_lands_a_branch_that_is_green()
    {
        await CommitAsync("one", "one.txt");

        var result = await RunAsync(["one"], "test -e one.txt -a -e target.txt");

        result.ExitCode.Should().Be(AllLanded, result.Error);
        (await LandedAsync()).Should().Equal("one");
        (result.States["one"], result.Error).Should().Be(("landed", ""));
    }

    [TimedFact]
    public async Task The_quick_start_shows_a_head_that_passes_with_the_commit_that_was_built()
    {
        await Repository.CommitAsync("head", ("head.txt", ""));

        var result = await QuickStartProgram.RunAsync(Repository, "--", "sh", "-c", "test -e head.txt -a -e target.txt");

        result.ExitCode.Should().Be(0, result.Error);
        result.Error.Should().BeEmpty();
        result.Snapshot.Should().ContainKey("Succeeded");
        result.Snapshot["commit"].Should().MatchRegex("^[0-9a-f]{40}$");
        result.Snapshot["duration_ms"].Should().MatchRegex("^[0-9]+$");
    }
}
