using BuildRunner.Git.Logs;

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

    [TimedFact]
    public async Task A_log_that_was_written_in_part_goes_on_where_it_was_whole()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        var path = Path.Combine(disk.Path, "log");
        using BuildLog log = new(path, limit: 1_000_000);
        log.Append("first\n"u8);
        var full = disk.Fill();
        await using (var stream = new FileStream(full, FileMode.Open, FileAccess.Write))
        {
            stream.SetLength(stream.Length - 4096);
        }

        log.Append(Enumerable.Repeat((byte)'x', 100_000).ToArray());
        File.Delete(full);
        log.Note("second");

        log.Failure.Should().NotBeNull();
        using StreamReader reader = new(BuildLog.OpenRead(path));
        (await reader.ReadToEndAsync()).Should().Be("first\nbuildrunner: second\n");
    }
}
