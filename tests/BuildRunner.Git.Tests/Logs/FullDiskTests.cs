namespace BuildRunner.Git.Tests.Logs;

[Slow]
public sealed class FullDiskTests
{
    [TimedFact]
    public async Task A_build_whose_log_does_not_fit_on_the_disk_has_failed_because_of_the_machine()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        await using var runner = new TestRunner(repository, options =>
        {
            options.Command = ["sh", "-c", $"head -c 4000000 /dev/zero; echo > {repository["to-the-end"]}"];
            options.StateDirectory = disk.Path;
        });

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
        File.Exists(repository["to-the-end"]).Should().BeTrue("the command must not be stopped in the middle of a write");
    }

    [TimedFact]
    public async Task A_build_whose_tree_does_not_fit_on_the_disk_has_failed_because_of_the_machine()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        var large = await repository.CommitScriptAsync("large", "head -c 4000000 /dev/urandom > large");
        await using var runner = new TestRunner(repository, options => options.StateDirectory = disk.Path);

        var build = await runner.BuildAsync(large);

        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(BuildFailureKinds.Infra);
    }
}
