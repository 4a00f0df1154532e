namespace BuildRunner.Samples.Tests;

/// <summary>A build that fills the disk which the state directory is on.</summary>
[Slow]
public sealed class FullDiskTests : MergeQueueFixture
{
    [TimedTheory]
    [InlineData("MergeQueue.dll", "--branch")]
    [InlineData("QuickStart.dll", "--head")]
    public async Task What_is_waited_for_is_said(string sample, string option)
    {
        await CommitAsync("one", "one.txt");
        await Repository.GitAsync("switch", "--quiet", "--detach");
        await using var disk = await SmallDisk.MountAsync(Repository["disk"]);
        var big = Path.Combine(disk.Path, "big");

        var program = SampleProgram.Start(sample, "--repo", Repository.Path, "--state", Path.Combine(disk.Path, "state"), option, "one", "--", "sh", "-c", $"cat /dev/zero > {big} 2>&-; exit 0");
        await program.SaysAsync(static line => line.Contains("space", StringComparison.Ordinal) || line.Contains("full", StringComparison.Ordinal));
        File.Delete(big);
        var result = await program.Ended;

        result.Error.Should().MatchRegex("space|full");
    }
}
