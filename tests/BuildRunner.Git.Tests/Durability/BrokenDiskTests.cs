using BuildRunner.Git.Engine;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Tests.Durability;

/// <summary>Clause T4 of the contract, on a disk that takes nothing.</summary>
[Slow]
public sealed class BrokenDiskTests
{
    [TimedTheory]
    [InlineData(null)]
    [InlineData("key")]
    public async Task A_trigger_on_a_full_disk_creates_nothing(string? key)
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        await using TestRunner runner = new(repository, options => options.StateDirectory = Path.Combine(disk.Path, "state"));
        var before = await runner.BuildAsync();
        DeleteWorkTree(runner);
        var full = disk.Fill();

        var trigger = () => runner.Runner.TriggerAsync(new BuildRequest { TriggerKey = key });

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        (await runner.Runner.StatusAsync(before.Id)).Should().Be(before.Snapshot);
        ShouldHaveOnly(runner, before.Id);
        File.Delete(full);
        (await runner.WaitAsync(await trigger())).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedTheory]
    [InlineData("the record but not the reserve", 3)]
    [InlineData("both but not the key", 6)]
    public async Task A_trigger_for_which_there_is_room_only_for_a_part_creates_nothing(string part, int blocks)
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        await using TestRunner runner = new(repository, options => options.StateDirectory = Path.Combine(disk.Path, "state"));
        var before = await runner.BuildAsync();
        DeleteWorkTree(runner);
        var full = disk.Fill();
        await using (var stream = new FileStream(full, FileMode.Open, FileAccess.Write))
        {
            stream.SetLength(stream.Length - (blocks * 4096));
        }

        var trigger = () => runner.TriggerByKeyAsync("key");

        (await trigger.Should().ThrowExactlyAsync<BuildRunnerException>("there is room for {0}", part)).Which.IsTransient.Should().BeTrue();
        (await runner.Runner.FindAsync("key")).Should().BeNull();
        ShouldHaveOnly(runner, before.Id);
    }

    [TimedFact]
    public async Task A_lock_for_which_there_is_no_room_is_a_lack_of_room()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"], inodes: 10);
        await repository.ShellAsync($"cd '{disk.Path}'; for i in 1 2 3 4 5 6 7 8 9 10; do touch $i || break; done 2> /dev/null");

        var take = () => FileLock.TryTakeOrCreate(Path.Combine(disk.Path, "lock"));

        DiskRoom.IsLack(take.Should().Throw<IOException>().Which).Should().BeTrue();
    }

    [TimedFact]
    public async Task A_build_that_was_accepted_waits_for_the_room_that_it_needs_to_begin()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        string? full = null;
        await using TestRunner runner = new(
            repository,
            options => options.StateDirectory = Path.Combine(disk.Path, "state"),
            reached: step =>
            {
                if (step == Step.SlotClaimed && full is null)
                {
                    full = disk.Fill();
                }
                else if (step == Step.Claimed && full is not null)
                {
                    File.Delete(full);
                }
            });

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        full.Should().NotBeNull();
    }

    [TimedFact]
    public async Task A_build_that_was_accepted_can_end_on_a_full_disk()
    {
        using var repository = await TestRepository.CreateAsync();
        using var started = await Fifo.CreateAsync(repository["started"]);
        using var gate = await Fifo.CreateAsync(repository["gate"]);
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        await using TestRunner runner = new(repository, options =>
        {
            options.StateDirectory = Path.Combine(disk.Path, "state");
            options.Command = ["sh", "-c", $"echo > {started.Path}; read x < {gate.Path}"];
        });

        // More than what becomes free by itself when a build ends.
        var buildId = await runner.Runner.TriggerAsync(new BuildRequest { Metadata = [new("large", new string('x', 20_000))] });
        await started.ReadLineAsync();

        disk.Fill();
        gate.Release();

        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task A_disk_that_cannot_be_written_can_be_read()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        FinishedBuild before;
        var state = Path.Combine(disk.Path, "state");
        await using (TestRunner first = new(repository, options => options.StateDirectory = state))
        {
            before = await first.FinishAsync(await first.TriggerByKeyAsync("key"));
        }

        await disk.RemountAsync(readOnly: true);
        await using TestRunner runner = new(repository, options => options.StateDirectory = state);
        var trigger = () => runner.TriggerAsync();

        await trigger.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        (await runner.FinishAsync(before.Id)).Should().Be(before);
        (await runner.Runner.FindAsync("key")).Should().Be(before.Id);
        await runner.Runner.CancelAsync(before.Id);
        ShouldHaveOnly(runner, before.Id);
        await disk.RemountAsync(readOnly: false);
        (await runner.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task A_trigger_that_can_neither_be_finished_nor_undone_has_an_unknown_outcome_and_its_key_is_the_way_out()
    {
        using var repository = await TestRepository.CreateAsync();
        await using var disk = await SmallDisk.MountAsync(repository["disk"]);
        var isBreaking = true;
        await using TestRunner runner = new(
            repository,
            options => options.StateDirectory = Path.Combine(disk.Path, "state"),
            reached: step =>
            {
                if (step == Step.Recorded && isBreaking)
                {
                    disk.RemountAsync(readOnly: true).GetAwaiter().GetResult();
                }
            });

        var trigger = () => runner.TriggerByKeyAsync("key");
        var created = (await trigger.Should().ThrowExactlyAsync<TriggerOutcomeUnknownException>()).Which.BuildId;
        isBreaking = false;
        await disk.RemountAsync(readOnly: false);
        var buildId = await trigger();

        buildId.IsDefault.Should().BeFalse();
        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
        created.Should().NotBeNull();
        while (Directory.EnumerateFiles(Path.Combine(runner.StateDirectory, "pending")).Any())
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        ShouldHaveOnly(runner, buildId);
    }

    // Which would be deleted to make room, at some moment.
    private static void DeleteWorkTree(TestRunner runner) => Directory.Delete(Path.Combine(runner.StateDirectory, "work", "1"), recursive: true);

    private static void ShouldHaveOnly(TestRunner runner, BuildId buildId)
    {
        Directory.EnumerateFileSystemEntries(Path.Combine(runner.StateDirectory, "builds")).Select(static path => Path.GetFileName(path)).Should().Equal(buildId.Value);
        Directory.EnumerateFileSystemEntries(Path.Combine(runner.StateDirectory, "pending")).Should().BeEmpty();
    }
}
